import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { Socket } from "node:net";
import type { Readable } from "node:stream";
import { isatty, ReadStream } from "node:tty";
import { FileFrames } from "./file_frames.ts";

/** Other names of stdin, which cannot be opened where it is a socket. */
const STDIN_PATHS = ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"];

/** Bytes that can be left at any time, also while they are waited for. */
export interface LineInput {
  /** The bytes are there, not still to be written by somebody. */
  readonly isFile: boolean;
  /** Rejects after `stop`; each chunk is dead when the next is asked for. */
  chunks(): AsyncIterable<Buffer>;
  /** Ends the wait for bytes at once. */
  stop(): void;
  close(): Promise<void>;
}

/**
 * Opens a file of any kind, or stdin when `path` is null. Nothing here waits
 * inside the operating system: a thread that does cannot be called back, and
 * the process would not end before it. Throws what `open` throws.
 */
export function openInput(path: string | null): LineInput {
  if (path === null || STDIN_PATHS.includes(path)) {
    return new StreamInput(process.stdin);
  }
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const stat = fstatSync(fd);
  if (stat.isDirectory()) {
    closeSync(fd);
    throw new Error("it is a directory, expected a file of JSON lines");
  }
  if (stat.isFIFO())
    return new StreamInput(new Socket({ fd, readable: true, writable: false }));
  if (isatty(fd)) return new StreamInput(new ReadStream(fd));
  return new FileInput(fd, stat.isFile());
}

/** A pipe or a terminal: whoever writes it may take their time. */
class StreamInput implements LineInput {
  readonly isFile = false;
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
  readonly #frames: FileFrames;

  constructor(fd: number, isFile: boolean) {
    this.isFile = isFile;
    this.#frames = new FileFrames(fd);
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
