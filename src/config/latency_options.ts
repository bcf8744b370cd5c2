import { GENERAL_OPTIONS } from "./general_options.ts";
import { MOMENT } from "./instant_types.ts";
import { optionalOption } from "./option.ts";
import { OUTPUT_FILE_OPTIONS } from "./output_options.ts";
import { choiceType, textType } from "./plain_types.ts";
import { STATE_OPTIONS } from "./state_options.ts";

const GROUP = "Input and output:";

/** Where a plot goes, for commands that draw one. */
export const PLOT_OPTIONS = {
  plot: optionalOption(textType("a path that ends with .svg or .html"), {
    flag: "--plot",
    placeholder: "PATH",
    description: "draw the percentiles, as PATH.svg or PATH.html",
    group: GROUP,
    settableIn: "flag",
  }),
  overwrite: OUTPUT_FILE_OPTIONS.overwrite,
} as const;

/** Everything that `sessionmill latency` takes. */
export const LATENCY_OPTIONS = {
  "latency-from": optionalOption(MOMENT, {
    flag: "--from",
    placeholder: "TIME",
    description: "only what a log has from there on",
    group: GROUP,
    settableIn: "flag",
  }),
  "latency-to": optionalOption(MOMENT, {
    flag: "--to",
    placeholder: "TIME",
    description: "only what a log has before that",
    group: GROUP,
    settableIn: "flag",
  }),
  unit: optionalOption(choiceType(["ns", "us", "ms", "s"]), {
    flag: "--unit",
    placeholder: "UNIT",
    description: "of the values: ns, us, ms, s, whatever a file says",
    group: GROUP,
    settableIn: "flag",
  }),
  json: STATE_OPTIONS.json,
  ...PLOT_OPTIONS,
  ...GENERAL_OPTIONS,
} as const;
