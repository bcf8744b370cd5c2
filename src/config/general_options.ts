import { option, optionalOption } from "./option.ts";
import { choiceType, SWITCH, textType } from "./plain_types.ts";

const GROUP = "General:";

/** What every command takes. */
export const GENERAL_OPTIONS = {
  config: optionalOption(textType("the path of a YAML file"), {
    flag: "--config",
    placeholder: "FILE",
    description: "read options from a YAML file",
    group: GROUP,
    settableIn: "flag-or-env",
  }),
  "print-config": option(SWITCH, {
    flag: "--print-config",
    description: "print the options and where they are set",
    group: GROUP,
    defaultText: "false",
    settableIn: "flag",
  }),
  "log-level": option(
    choiceType(["debug", "info", "warn", "error", "silent"]),
    {
      flag: "--log-level",
      placeholder: "LEVEL",
      description: "debug, info, warn, error, silent",
      group: GROUP,
      defaultText: "info",
    },
  ),
  "log-format": option(choiceType(["text", "json"]), {
    flag: "--log-format",
    placeholder: "FORMAT",
    description: "text or json",
    group: GROUP,
    defaultText: "text",
  }),
} as const;

/** How progress is shown, for commands that take their time. */
export const PROGRESS_OPTIONS = {
  progress: option(choiceType(["auto", "bar", "plain", "off"]), {
    flag: "--progress",
    placeholder: "HOW",
    description:
      "bar (a live block on the terminal), plain (a line each 10 s), off, or " +
      "auto: bar where it can be drawn, else plain",
    group: GROUP,
    defaultText: "auto",
  }),
} as const;
