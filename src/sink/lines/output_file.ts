import {
  closeSync,
  constants,
  createWriteStream,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from "node:fs";
import { Socket } from "node:net";
import type { Writable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { isatty, WriteStream } from "node:tty";
import { UsageError, unwritableReason, WorldError } from "../../errors.ts";

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

/**
 * Opens a file of any kind for writing. A FIFO's reader is waited for. Throws a
 * `UsageError` for a file that exists, is not empty and is to be neither
 * overwritten nor appended to; a `WorldError` when it cannot be opened.
 */
export async function openOutputFile(
  path: string,
  options: OutputFileOptions,
): Promise<Writable> {
  if (STDOUT_PATHS.includes(path)) return process.stdout;
  try {
    const fd = await openForWriting(path, options);
    const stat = fstatSync(fd);
    // As streams they can be left; a thread that writes to them could not.
    if (stat.isFIFO())
      return new Socket({ fd, readable: false, writable: true });
    if (isatty(fd)) return new WriteStream(fd);
    if (stat.isFile() && stat.size > 0) useExisting(fd, path, options);
    return createWriteStream(path, { fd, highWaterMark: BUFFER_BYTES });
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new WorldError(
      `Cannot write file "${path}": ${unwritableReason(error)}`,
    );
  }
}

/** A descriptor, opened without waiting inside the operating system. */
async function openForWriting(
  path: string,
  { existing, signal, log }: OutputFileOptions,
): Promise<number> {
  const { O_WRONLY, O_CREAT, O_NONBLOCK, O_APPEND } = constants;
  const appending = existing === "append" ? O_APPEND : 0;
  const flags = O_WRONLY | O_CREAT | O_NONBLOCK | appending;
  for (let waitedMs = 0; ; waitedMs += RETRY_MS) {
    try {
      return openSync(path, flags, 0o666);
    } catch (error) {
      if (!isReaderMissing(error) || !statSync(path).isFIFO()) throw error;
    }
    if (signal?.aborted) throw new Error("stopped before it had a reader");
    if (waitedMs === WAIT_NOTICE_MS) {
      log?.info({ path }, "waiting: nobody reads the FIFO yet");
    }
    await pause(RETRY_MS);
  }
}

function useExisting(
  fd: number,
  path: string,
  { existing, cutsTornLine = false, log }: OutputFileOptions,
): void {
  if (existing === "overwrite") {
    ftruncateSync(fd);
  } else if (existing === "append") {
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
  } else {
    closeSync(fd);
    throw new UsageError(
      `Cannot write file "${path}": it exists and is not empty, --overwrite replaces it and --append writes behind it`,
    );
  }
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
