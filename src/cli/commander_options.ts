import { type Command, Option as CommanderOption } from "commander";
import type { Option, OptionSet } from "../config/option.ts";

/** Gives a command of commander the flags of an option set. */
export function addOptions(command: Command, options: OptionSet): void {
  for (const option of Object.values(options)) {
    const value = option.placeholder === null ? "" : ` <${option.placeholder}>`;
    const flag = new CommanderOption(
      `${option.flag}${value}`,
      option.description + defaultSuffix(option),
    );
    command.addOption(flag.helpGroup(option.group));
    if (option.placeholder === null && option.settableIn === "anywhere") {
      // A file or variable may have set it: a flag can take it back.
      const negative = option.flag.replace("--", "--no-");
      command.addOption(new CommanderOption(negative).hideHelp());
    }
  }
}

/** The flags that were given, by config key, as text. */
export function givenFlags(
  command: Command,
  options: OptionSet,
): Record<string, string | boolean> {
  const flags: Record<string, string | boolean> = {};
  for (const [key, option] of Object.entries(options)) {
    const name = new CommanderOption(option.flag).attributeName();
    if (command.getOptionValueSource(name) !== "cli") continue;
    flags[key] = command.getOptionValue(name) as string | boolean;
  }
  return flags;
}

function defaultSuffix(option: Option<unknown>): string {
  const note = option.defaultNote ?? option.defaultText;
  return note === null || option.placeholder === null
    ? ""
    : ` (default: ${note})`;
}
