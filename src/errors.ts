/** The command line or configuration is wrong: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** The world is not as the job needs it (broker, topic, file): exit code 1. */
export class WorldError extends Error {
  override readonly name = "WorldError";
}

/** A record of the window log is none that can be restored. */
export class WindowLogError extends WorldError {}

/**
 * What was done since the last commit is void; begin again from there. The same
 * job can do so in the same process: nothing has to be put right first.
 */
export class RecoverableError extends Error {
  override readonly name = "RecoverableError";
}

/** The text of anything thrown, for messages that carry a cause. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Why a file could not be read, for the end of a sentence. */
export function unreadableReason(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : "";
  if (code === "ENOENT") return "there is no such file";
  if (code === "EACCES") return "its permissions forbid reading";
  if (code === "EISDIR") return "it is a folder, not a file";
  return messageOf(error);
}

/** Why a file could not be written, for the end of a sentence. */
export function unwritableReason(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : "";
  if (code === "ENOENT") return "its folder does not exist";
  if (code === "ENOTDIR") return "a folder of its path is a file";
  if (code === "EACCES" || code === "EPERM") {
    return "its permissions forbid writing";
  }
  if (code === "EISDIR") return "it is a folder, not a file";
  if (code === "EROFS") return "its file system can only be read";
  if (code === "ENOSPC") return "its disk is full";
  return messageOf(error);
}
