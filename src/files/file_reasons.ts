import { messageOf } from "../errors.ts";

/** What a path or a disk can be like, for whoever reads or writes. */
const FILE_REASONS: Readonly<Record<string, string>> = {
  EISDIR: "it is a folder, not a file",
  ELOOP: "its links lead in a circle",
  ENAMETOOLONG: "its name is too long",
  ENOTDIR: "a folder of its path is a file",
  EIO: "its device fails",
  ENXIO: "it is a socket, or its device is not there",
  ENODEV: "its device is not there",
  EBUSY: "another program keeps it for itself",
  EBADF: "it is closed",
  ESTALE: "its server does not know it any more",
  ETIMEDOUT: "its server does not answer",
  EMFILE: "this process has too many open files",
  ENFILE: "the machine has too many open files",
};

const READING_REASONS: Readonly<Record<string, string>> = {
  ...FILE_REASONS,
  ENOENT: "there is no such file",
  EACCES: "its permissions forbid reading",
  EPERM: "its permissions forbid reading",
  ECONNRESET: "its writer has gone away",
};

const WRITING_REASONS: Readonly<Record<string, string>> = {
  ...FILE_REASONS,
  ENOENT: "its folder does not exist",
  EACCES: "its permissions forbid writing",
  EPERM: "its permissions forbid writing",
  EEXIST: "a file is in its place",
  EROFS: "its file system can only be read",
  ENOSPC: "its disk is full",
  EDQUOT: "the disk quota is used up",
  EFBIG: "it has grown as large as a file may be",
  ETXTBSY: "it is a program that runs",
  EPIPE: "its reader has gone away",
  ECONNRESET: "its reader has gone away",
};

/** Why a file could not be read, for the end of a sentence. */
export function unreadableReason(error: unknown): string {
  return READING_REASONS[codeOf(error)] ?? otherReason(error);
}

/** Why a file or folder could not be written, for the end of a sentence. */
export function unwritableReason(error: unknown): string {
  return WRITING_REASONS[codeOf(error)] ?? otherReason(error);
}

/** Of `ECODE: words, call 'path'` the words. */
function otherReason(error: unknown): string {
  const message = messageOf(error);
  const code = codeOf(error);
  if (code === "" || !message.startsWith(`${code}: `)) return message;
  const [words] = message.slice(code.length + 2).split(", ");
  return `the operating system says "${words}"`;
}

function codeOf(error: unknown): string {
  const isCoded = error instanceof Error && "code" in error;
  return isCoded ? String(error.code) : "";
}
