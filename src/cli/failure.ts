import type { Environment } from "../config/resolve_options.ts";
import {
  messageOf,
  ReaderGoneError,
  UsageError,
  WorldError,
} from "../errors.ts";
import type { TextStream } from "../observe/terminal.ts";

/** In which form failures are told. */
export interface FailureForm {
  /** One JSON object a line, as the log with `--log-format json`. */
  readonly isJson: boolean;
  /** Adds the stack of errors that nobody foresaw. */
  readonly isDebug: boolean;
}

/** How a failure is told. */
export interface FailureView extends FailureForm {
  readonly stderr: TextStream;
  /** What was going on, as in `Cannot run: …`. */
  readonly task: string;
}

/**
 * The form that flags and variables ask for, else lines of a config file
 * (`entries`), for failures that come before the options are known. Takes anything.
 */
export function earlyFailureForm(
  argv: readonly string[],
  environment: Environment,
  entries: Readonly<Record<string, unknown>> = {},
): FailureForm {
  // This runs before all else: it must not load what knows the options.
  const given = (flag: string, variable: string) =>
    earlySetting(argv, environment, { flag, variable });
  const format = given("--log-format", "SESSIONMILL_LOG_FORMAT");
  const level = given("--log-level", "SESSIONMILL_LOG_LEVEL");
  return {
    isJson: (format ?? entries["log-format"]) === "json",
    isDebug: (level ?? entries["log-level"]) === "debug",
  };
}

/** What a flag says, else a variable; undefined where neither is set. */
export function earlySetting(
  argv: readonly string[],
  environment: Environment,
  { flag, variable }: { readonly flag: string; readonly variable: string },
): string | undefined {
  const isOf = (word: string) => word === flag || word.startsWith(`${flag}=`);
  const place = argv.findLastIndex(isOf);
  // Compose files hand unset variables on as empty ones.
  if (place < 0) return environment[variable] || undefined;
  const word = argv[place]!;
  if (word !== flag) return word.slice(flag.length + 1);
  return argv[place + 1] ?? "";
}

/**
 * Tells a failure in one sentence and returns the exit code: 2 for bad usage,
 * 1 for the rest, 0 when the reader of stdout, the only output, merely went away.
 */
export function reportFailure(error: unknown, view: FailureView): number {
  if (error instanceof ReaderGoneError) return 0;
  const { stderr, isJson, isDebug } = view;
  const sentence = failureSentence(error, view.task);
  const isForeseen = error instanceof WorldError || error instanceof UsageError;
  const hasStack = isDebug && !isForeseen && error instanceof Error;
  const stack = hasStack ? error.stack : undefined;
  if (isJson) {
    stderr.write(jsonLine("fatal", { msg: sentence, stack }));
  } else {
    const stackText = stack === undefined ? "" : `${stack}\n`;
    stderr.write(`${sentence}\n${stackText}`);
  }
  return error instanceof UsageError ? 2 : 1;
}

/** A line as the log writes it, where there is no log yet or no more. */
export function jsonLine(
  level: "warn" | "fatal",
  fields: { readonly msg: string; readonly stack?: string | undefined },
): string {
  const time = new Date().toISOString();
  return `${JSON.stringify({ level, time, ...fields })}\n`;
}

function failureSentence(error: unknown, task: string): string {
  const message = messageOf(error)
    .trim()
    .replace(/\s*\n\s*/g, "; ");
  if (message.startsWith("Cannot ")) return message;
  return `Cannot ${task}: ${message === "" ? "unknown error" : message}`;
}
