import { option } from "./option.ts";
import { SWITCH } from "./plain_types.ts";

const GROUP = "Input and output:";

/** What becomes of output files that exist, for commands that write some. */
export const OUTPUT_FILE_OPTIONS = {
  overwrite: option(SWITCH, {
    flag: "--overwrite",
    description: "replace output files that exist, else refused",
    group: GROUP,
    defaultText: "false",
  }),
  append: option(SWITCH, {
    flag: "--append",
    description: "write behind what output files hold",
    group: GROUP,
    defaultText: "false",
  }),
} as const;
