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
 * The form that flags and variables ask for, for failures that come before the
 * options are known. Takes anything, and looks into no config file.
 */
export function earlyFailureForm(
  argv: readonly string[],
  environment: Environment,
): FailureForm {
  // This runs before all else: it must not load what knows the options.
  const words = argv.flatMap((word) => word.split("="));
  const given = (flag: string, variable: string) => {
    const place = words.lastIndexOf(flag);
    return place < 0 ? environment[variable] : words[place + 1];
  };
  return {
    isJson: given("--log-format", "SESSIONMILL_LOG_FORMAT") === "json",
    isDebug: given("--log-level", "SESSIONMILL_LOG_LEVEL") === "debug",
  };
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
