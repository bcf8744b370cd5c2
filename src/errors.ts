/** The command line or configuration is wrong: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The world is not as the job needs it (broker, topic, file): exit code 1. */
export class WorldError extends Error {
  override readonly name = "WorldError";
}

/** The window log has not what is to be restored, or cannot be read. */
export class WindowLogError extends WorldError {
  /** What cannot be read is part of the window log; any other error as it is. */
  static from(error: unknown): unknown {
    const isMeant = error instanceof WorldError;
    if (!isMeant || error instanceof WindowLogError) return error;
    return new WindowLogError(error.message, { cause: error });
  }
}

/**
 * What was done since the last commit is void; begin again from there. The same
 * job can do so in the same process: nothing has to be put right first.
 */
export class RecoverableError extends Error {
  override readonly name = "RecoverableError";
}

/** Who reads stdout, the only output, has seen enough: an end, and no failure. */
export class ReaderGoneError extends Error {
  override readonly name = "ReaderGoneError";
}

/** The text of anything thrown, for messages that carry a cause. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
