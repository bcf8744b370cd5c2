import {
  closeSync,
  constants,
  createWriteStream,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  realpathSync,
  type Stats,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { Socket } from "node:net";
import type { Writable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { isatty, WriteStream } from "node:tty";
import { UsageError, WorldError } from "../../errors.ts";
import { unwritableReason } from "../../files/file_reasons.ts";

const LF = 0x0a;
/** How often a FIFO is asked whether it has a reader, ms. */
const RETRY_MS = 50;
/** A FIFO without a reader is spoken of after this, ms. */
const WAIT_NOTICE_MS = 1000;
const BUFFER_BYTES = 1 << 20;
/** A file's last line feed is looked for in steps of so many bytes. */
const SEARCH_BYTES = 1 << 16;
/** Other names of stdout, which cannot be opened where it is a socket. */
const STDOUT_PATHS = ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];

/** How an output is opened. */
export interface OutputFileOptions {
  /** Nothing else is written: work ends well when nobody reads stdout any more. */
  readonly isOnlyOutput?: boolean;
  /** What becomes of a file that exists and is not empty. */
  readonly existing: "refuse" | "overwrite" | "append";
  /**
   * The run writes again what it has not committed: of a file that is appended to,
   * what stands behind the last line feed goes.
   */
  readonly cutsTornLine?: boolean;
  /** Ends the wait for a reader. */
  readonly signal?: AbortSignal;
  /** Where to say what happens; nowhere without it. */
  readonly log?: {
    info(fields: Record<string, unknown>, message: string): void;
    warn(fields: Record<string, unknown>, message: string): void;
  };
}

/** An output that is open, and left as it was. */
export interface OutputFile {
  readonly stream: Writable;
  /** Does to what is there what was asked for: before the first write. */
  readonly begin: () => void;
  /** It is closed, and never began: a file that was made for it goes. */
  readonly discard: () => void;
}

/**
 * Opens a file of any kind for writing; what is in it stays until its `begin`. A
 * FIFO's reader is waited for. Throws a `UsageError` for a file that exists, is not
 * empty and is to be neither overwritten nor appended to; a `WorldError` when it
 * cannot be opened.
 */
export async function openOutputFile(
  path: string,
  options: OutputFileOptions,
): Promise<OutputFile> {
  let begin = () => {};
  let discard = () => {};
  if (STDOUT_PATHS.includes(path)) {
    return { stream: process.stdout, begin, discard };
  }
  const { fd, isNew } = await openForWriting(path, options);
  try {
    const stat = fstatSync(fd);
    // As streams they can be left; a thread that writes to them could not.
    if (stat.isFIFO()) {
      const stream = new Socket({ fd, readable: false, writable: true });
      return { stream, begin, discard };
    }
    if (isatty(fd)) return { stream: new WriteStream(fd), begin, discard };
    if (stat.isFile()) {
      // Refused now, and should another run have written meanwhile.
      checkExisting(fd, path, options);
      begin = () => prepare(fd, path, options);
      if (isNew) discard = () => removeEmpty(path, stat);
    }
    const stream = createWriteStream(path, { fd, highWaterMark: BUFFER_BYTES });
    return { stream, begin, discard };
  } catch (error) {
    closeSync(fd);
    throw error instanceof UsageError ? error : unwritable(path, error);
  }
}

function unwritable(path: string, error: unknown): WorldError {
  const reason = unwritableReason(error);
  return new WorldError(`Cannot write file "${path}": ${reason}`);
}

/** Removes the file that was made, unless somebody else has something in it. */
function removeEmpty(path: string, made: Stats): void {
  const stat = statSync(path, { throwIfNoEntry: false });
  const isOurs = stat?.ino === made.ino && stat.dev === made.dev;
  // A link that led nowhere stays: the file is what was made.
  if (isOurs && stat.size === 0) unlinkSync(realpathSync(path));
}

/**
 * A descriptor, opened without waiting inside the operating system, and whether the
 * file was made for it.
 */
async function openForWriting(
  path: string,
  { signal, log }: OutputFileOptions,
): Promise<{ readonly fd: number; readonly isNew: boolean }> {
  const { O_WRONLY, O_CREAT, O_NONBLOCK, O_APPEND } = constants;
  // Another run may write the same file: none is to write over the other.
  const flags = O_WRONLY | O_CREAT | O_NONBLOCK | O_APPEND;
  for (let waitedMs = 0; ; waitedMs += RETRY_MS) {
    try {
      const isNew = !existsSync(path);
      return { fd: openSync(path, flags, 0o666), isNew };
    } catch (error) {
      if (!isReaderMissing(error) || !statSync(path).isFIFO()) {
        throw unwritable(path, error);
      }
    }
    if (signal?.aborted) {
      throw unwritable(path, new Error("stopped before it had a reader"));
    }
    if (waitedMs === WAIT_NOTICE_MS) {
      log?.info({ path }, "waiting: nobody reads the FIFO yet");
    }
    await pause(RETRY_MS);
  }
}

/** Throws when the file is not empty, and neither to be replaced nor to grow. */
function checkExisting(
  fd: number,
  path: string,
  { existing }: OutputFileOptions,
): void {
  if (fstatSync(fd).size === 0) return;
  if (existing === "refuse") {
    throw new UsageError(
      `Cannot write file "${path}": it exists and is not empty, --overwrite replaces it and --append writes behind it`,
    );
  }
  // What cannot be read cannot be appended to: that is to be known at once.
  if (existing === "append") endOfLines(path);
}

/** Does to a file what is to be done before its first line. */
function prepare(fd: number, path: string, options: OutputFileOptions): void {
  checkExisting(fd, path, options);
  const { size, nlink } = fstatSync(fd);
  // Another run may have made the file for itself, and found that it cannot begin.
  if (nlink === 0 && !existsSync(path)) throw new Error("it has been removed");
  if (size === 0) return;
  if (options.existing === "overwrite") ftruncateSync(fd);
  else endTornLine(fd, path, options);
}

/** No line is to be glued onto one that lacks its end. */
function endTornLine(
  fd: number,
  path: string,
  { cutsTornLine = false, log }: OutputFileOptions,
): void {
  const end = endOfLines(path);
  if (end === fstatSync(fd).size) return;
  if (cutsTornLine) {
    ftruncateSync(fd, end);
    log?.warn({ path }, "the file ended within a line, which was cut");
    return;
  }
  // A line feed, not a cut: what is there may be whole, and is not ours.
  writeSync(fd, "\n");
  const what = "the file ended within a line: a line feed was put behind it";
  log?.warn({ path }, what);
}

/** The length of the file without what stands behind its last line feed. */
function endOfLines(path: string): number {
  const fd = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(SEARCH_BYTES);
    for (let end = fstatSync(fd).size; end > 0; ) {
      const start = Math.max(0, end - SEARCH_BYTES);
      readSync(fd, bytes, 0, end - start, start);
      const at = bytes.subarray(0, end - start).lastIndexOf(LF);
      if (at >= 0) return start + at + 1;
      end = start;
    }
    return 0;
  } finally {
    closeSync(fd);
  }
}

/** What the operating system says of a FIFO that nobody reads. */
function isReaderMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENXIO";
}
