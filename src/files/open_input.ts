import {
  closeSync,
  constants,
  createReadStream,
  fstatSync,
  openSync,
  type Stats,
} from "node:fs";
import { Socket, type SocketConstructorOpts as SocketOptions } from "node:net";
import { addAbortSignal, type Readable } from "node:stream";
import { isatty, ReadStream } from "node:tty";
import { WorldError } from "../errors.ts";

const STDIN_FD = 0;
/** Other names of stdin, which cannot be opened where it is a socket. */
const STDIN_PATHS = ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"];

/** A file of any kind that is open for reading. */
export interface OpenInput {
  readonly fd: number;
  readonly stat: Stats;
}

/**
 * Opens a file of any kind, or stdin when `path` is null. Nothing here waits
 * inside the operating system: a thread that does cannot be called back, and
 * the process would not end before it. Throws what `open` throws, and EISDIR.
 */
export function openInputFile(path: string | null): OpenInput {
  const isStdin = path === null || STDIN_PATHS.includes(path);
  const flags = constants.O_RDONLY | constants.O_NONBLOCK;
  const fd = isStdin ? STDIN_FD : openSync(path, flags);
  const stat = fstatSync(fd);
  if (!stat.isDirectory()) return { fd, stat };
  if (!isStdin) closeSync(fd);
  throw Object.assign(new Error("is a directory"), { code: "EISDIR" });
}

/** A pipe or a terminal as a stream, which can be left; null for all else. */
export function streamOf(
  { fd, stat }: OpenInput,
  highWaterMark?: number,
): Readable | null {
  // Child processes of Node get sockets where others get pipes.
  if (stat.isFIFO() || stat.isSocket()) {
    const options = { fd, readable: true, writable: false };
    // Node's types do not know that sockets hand this on to their streams.
    const more = { readableHighWaterMark: highWaterMark } as SocketOptions;
    return new Socket({ ...options, ...more });
  }
  // Node's own knows how its devices are read.
  if (fd === STDIN_FD && !stat.isFile()) return process.stdin;
  return isatty(fd) ? new ReadStream(fd) : null;
}

/**
 * All kinds of files as streams, stdin when `path` is null; the signal ends them with
 * an error. Throws as `openInputFile`.
 */
export function openInputStream(
  path: string | null,
  signal?: AbortSignal,
): Readable {
  return streamFrom(openInputFile(path), signal);
}

function streamFrom(input: OpenInput, signal?: AbortSignal): Readable {
  const stream = streamOf(input) ?? createReadStream("", { fd: input.fd });
  return signal === undefined ? stream : addAbortSignal(signal, stream);
}

/** The texts of pipes, by path: they give them only once. */
const givenTexts = new Map<string, string>();

/**
 * The text of a small file of any kind, however often it is read, for which a signal ends the wait. Throws as
 * `openInputFile`, and a `WorldError` when it was stopped.
 */
export async function readInput(
  path: string,
  signal?: AbortSignal,
): Promise<string> {
  const given = givenTexts.get(path);
  if (given !== undefined) return given;
  const chunks: Buffer[] = [];
  const input = openInputFile(path);
  try {
    for await (const chunk of streamFrom(input, signal)) chunks.push(chunk);
  } catch (error) {
    if (!signal?.aborted) throw error;
    throw new WorldError(`Cannot read file "${path}": stopped before its end`);
  }
  const text = Buffer.concat(chunks).toString("utf8");
  if (!input.stat.isFile()) givenTexts.set(path, text);
  return text;
}
