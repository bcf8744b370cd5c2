import type { CommanderError } from "commander";
import { ALL_OPTIONS } from "../config/all_options.ts";
import type { OptionSet } from "../config/option.ts";
import { UsageError } from "../errors.ts";

/** What of a command is told of. */
export interface KnownCommand {
  readonly options: OptionSet;
  readonly argument: { readonly expected?: string } | null;
}

/** A command line that commander did not understand. */
export interface CommandLine {
  readonly argv: readonly string[];
  /** By name. */
  readonly commands: ReadonlyMap<string, KnownCommand>;
}

/** What commander found wrong with the arguments, in one sentence of ours. */
export function usageErrorOf(
  error: CommanderError,
  { argv, commands }: CommandLine,
): UsageError {
  const text = error.message
    .replace(/^error: /, "")
    .replace(/\n\(Did you mean (?:one of )?(.*)\?\)$/, ', did you mean "$1"')
    .replaceAll("'", '"');
  const sentence =
    misplacedFlag(error, argv) ??
    helpForUnknown(error, argv) ??
    missingArgument(error, { argv, commands }) ??
    switchWithValue(error, { argv, commands }) ??
    reword(text, error.code);
  return new UsageError(`Cannot read the command line: ${sentence}`);
}

function reword(text: string, code: string): string {
  switch (code) {
    case "commander.excessArguments":
      return text.replace(
        /^too many .* for "(.*)"\. Expected (\d+) .* got \d+: (.*)\.$/s,
        (_, name, count, got) =>
          `"${name}" takes ${count === "0" ? "no" : "one"} argument, got "${got}"`,
      );
    case "commander.optionMissingArgument":
      return text.replace(/^option "(\S+) <(.*)>".*$/, "$1 needs its $2");
    case "commander.help":
      return 'a command is missing, such as "sessionmill run"';
    default:
      return text;
  }
}

function missingArgument(
  error: CommanderError,
  { argv: [command = ""], commands }: CommandLine,
): string | undefined {
  if (error.code !== "commander.missingArgument") return undefined;
  const name = error.message.replace(/^.*'(.*)'$/, "$1");
  const what = commands.get(command)?.argument?.expected;
  return `${name} is missing${what === undefined ? "" : `, ${what}`}`;
}

/** `--overwrite=true`: a switch is given, or not. */
function switchWithValue(
  error: CommanderError,
  { argv: [command = ""], commands }: CommandLine,
): string | undefined {
  if (error.code !== "commander.unknownOption") return undefined;
  const [, flag, value] = /'(--[^=']*)=(.*)'/s.exec(error.message) ?? [];
  const options = Object.values(commands.get(command)?.options ?? {});
  const isSwitch = options.some(
    (each) => each.flag === flag && each.placeholder === null,
  );
  return isSwitch ? `${flag} takes no value, got "${value}"` : undefined;
}

/** `help NAME` of a command that there is not. */
function helpForUnknown(
  error: CommanderError,
  [first, second]: readonly string[],
): string | undefined {
  const isHelp = error.code === "commander.help" && first === "help";
  return isHelp ? `unknown command "${second}"` : undefined;
}

/** A flag of a command that stands where no command is yet. */
function misplacedFlag(
  error: CommanderError,
  [first = ""]: readonly string[],
): string | undefined {
  const [flag] = first.split("=", 1);
  const isOurs = Object.values(ALL_OPTIONS).some((each) => each.flag === flag);
  if (error.code !== "commander.unknownOption" || !isOurs) return undefined;
  return `${flag} belongs behind a command, as in "sessionmill run ${flag}"`;
}
