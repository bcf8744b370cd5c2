import { messageOf, UsageError, WorldError } from "../errors.ts";
import type { TextStream } from "../observe/terminal.ts";

/** How a failure is told. */
export interface FailureView {
  readonly stderr: TextStream;
  /** What was going on, as in `Cannot run: …`. */
  readonly task: string;
  /** Adds the stack of errors that nobody foresaw. */
  readonly isDebug: boolean;
}

/**
 * Tells a failure in one sentence and returns the exit code: 2 for bad usage,
 * 1 for the rest, 0 when the reader of stdout merely went away.
 */
export function reportFailure(error: unknown, view: FailureView): number {
  if (isBrokenPipe(error)) return 0;
  view.stderr.write(`${failureSentence(error, view.task)}\n`);
  if (error instanceof UsageError) return 2;
  const isForeseen = error instanceof WorldError;
  if (view.isDebug && !isForeseen && error instanceof Error) {
    view.stderr.write(`${error.stack}\n`);
  }
  return 1;
}

/** Whether somebody closed the pipe that we write to. */
export function isBrokenPipe(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EPIPE";
}

function failureSentence(error: unknown, task: string): string {
  const message = messageOf(error)
    .trim()
    .replace(/\s*\n\s*/g, "; ");
  if (message.startsWith("Cannot ")) return message;
  return `Cannot ${task}: ${message === "" ? "unknown error" : message}`;
}
