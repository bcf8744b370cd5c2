import { EXPLAIN_OPTIONS } from "./explain_options.ts";
import { GENERATE_OPTIONS } from "./generate_options.ts";
import { INGEST_OPTIONS } from "./ingest_options.ts";
import { LATENCY_OPTIONS } from "./latency_options.ts";
import { LOAD_OPTIONS } from "./load_options.ts";
import type { OptionSet } from "./option.ts";
import { REPLAY_OPTIONS } from "./replay_options.ts";
import { RUN_OPTIONS } from "./run_options.ts";
import { STATE_OPTIONS } from "./state_options.ts";
import { TAIL_OPTIONS } from "./tail_options.ts";

/**
 * The options of all commands. One config file and one environment serve every
 * command: each takes what concerns it and leaves the rest.
 */
export const ALL_OPTIONS: OptionSet = {
  ...RUN_OPTIONS,
  ...INGEST_OPTIONS,
  // Behind it, for its `visits-to` may be more.
  ...GENERATE_OPTIONS,
  ...REPLAY_OPTIONS,
  ...STATE_OPTIONS,
  ...LOAD_OPTIONS,
  ...LATENCY_OPTIONS,
  ...EXPLAIN_OPTIONS,
  ...TAIL_OPTIONS,
};
