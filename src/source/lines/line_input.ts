import { closeSync, constants, fstatSync, openSync, type Stats } from "node:fs";
import { Socket, type SocketConstructorOpts as SocketOptions } from "node:net";
import type { Readable } from "node:stream";
import { isatty, ReadStream } from "node:tty";
import { FileFrames, type ReadFrames } from "./file_frames.ts";

/** Other names of stdin, which cannot be opened where it is a socket. */
const STDIN_PATHS = ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"];

/** Bytes that wait for us at most, with the 64 KiB of a read below 1 MiB. */
const PIPE_BYTES = 896 << 10;

/** Bytes that can be left at any time, also while they are waited for. */
export interface LineInput {
  /** The bytes are there, not still to be written by somebody. */
  readonly isFile: boolean;
  /** As many bytes as were there at the start; null where nobody knows. */
  readonly byteLength: number | null;
  /** Rejects after `stop`; each chunk is dead when the next is asked for. */
  chunks(): AsyncIterable<Buffer>;
  /** Ends the wait for bytes at once. */
  stop(): void;
  close(): Promise<void>;
}

/**
 * Opens a file of any kind, or stdin when `path` is null. Nothing here waits
 * inside the operating system: a thread that does cannot be called back, and
 * the process would not end before it. What a file has is read into the frames.
 * Throws what `open` throws.
 */
export function openInput(path: string | null, frames: ReadFrames): LineInput {
  if (path === null || STDIN_PATHS.includes(path)) {
    return openStdin(frames);
  }
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const stat = fstatSync(fd);
  if (stat.isDirectory()) {
    closeSync(fd);
    throw new Error("it is a directory, expected a file of JSON lines");
  }
  if (isPipe(stat)) return new StreamInput(pipe(fd));
  if (isatty(fd)) return new StreamInput(new ReadStream(fd));
  return new FileInput(fd, stat, frames);
}

/** Node's own stdin hands over 64 KiB at a time at most, whatever it is. */
function openStdin(frames: ReadFrames): LineInput {
  const stat = fstatSync(0);
  if (stat.isFile()) return new FileInput(0, stat, frames);
  return new StreamInput(isPipe(stat) ? pipe(0) : process.stdin);
}

/** Child processes of Node get sockets where others get pipes. */
function isPipe(stat: Stats): boolean {
  return stat.isFIFO() || stat.isSocket();
}

/** What is read together while nobody waits for it is handed over together. */
function pipe(fd: number): Readable {
  const options = { fd, readable: true, writable: false };
  const readableHighWaterMark = PIPE_BYTES;
  // Node's types do not know that sockets hand this on to their streams.
  return new Socket({ ...options, readableHighWaterMark } as SocketOptions);
}

/** A pipe or a terminal: whoever writes it may take their time. */
class StreamInput implements LineInput {
  readonly isFile = false;
  readonly byteLength = null;
  readonly #stream: Readable;

  constructor(stream: Readable) {
    this.#stream = stream;
    // Whoever reads meets a failure, also one from before.
    stream.on("error", () => {});
  }

  chunks(): AsyncIterable<Buffer> {
    return this.#stream;
  }

  stop(): void {
    this.#stream.destroy();
  }

  async close(): Promise<void> {
    this.stop();
  }
}

/** A file or a device. */
class FileInput implements LineInput {
  readonly isFile: boolean;
  readonly byteLength: number | null;
  readonly #frames: FileFrames;

  constructor(fd: number, stat: Stats, frames: ReadFrames) {
    this.isFile = stat.isFile();
    // Those of /proc say 0, whatever they hold.
    this.byteLength = this.isFile && stat.size > 0 ? stat.size : null;
    this.#frames = new FileFrames(fd, frames);
  }

  chunks(): AsyncIterable<Buffer> {
    return this.#frames.chunks();
  }

  stop(): void {
    this.#frames.stop();
  }

  close(): Promise<void> {
    return this.#frames.close();
  }
}
