import { GENERAL_OPTIONS } from "./general_options.ts";
import { GENERATION_TIME } from "./instant_types.ts";
import { optionalOption } from "./option.ts";
import {
  RECORD_LIMIT_OPTIONS,
  RUN_OPTIONS,
  WORKERS_OPTIONS,
} from "./run_options.ts";
import { WINDOW_OPTIONS } from "./window_options.ts";

/** Everything that `sessionmill replay` takes. */
export const REPLAY_OPTIONS = {
  "generation-time": optionalOption(GENERATION_TIME, {
    flag: "--generation-time",
    placeholder: "ISO",
    description: "the generation_time of every session (default: now)",
    group: "Input and output:",
  }),
  "allow-empty": RUN_OPTIONS["allow-empty"],
  "with-metadata": RUN_OPTIONS["with-metadata"],
  ...RECORD_LIMIT_OPTIONS,
  ...WINDOW_OPTIONS,
  ...WORKERS_OPTIONS,
  ...GENERAL_OPTIONS,
} as const;
