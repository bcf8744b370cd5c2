import { fstatSync, type Stats } from "node:fs";
import type { Readable } from "node:stream";
import { openInputFile, streamOf } from "../../files/open_input.ts";
import { FileFrames, type ReadFrames } from "./file_frames.ts";

/** Bytes that wait for us at most, with the 64 KiB of a read below 1 MiB. */
const PIPE_BYTES = 896 << 10;

/** Bytes that can be left at any time, also while they are waited for. */
export interface LineInput {
  /** The bytes are there, not still to be written by somebody. */
  readonly isFile: boolean;
  /** As many bytes as were there at the start; null where nobody knows. */
  readonly byteLength: number | null;
  /** As many as there are now; null where nobody knows. */
  readonly byteLengthNow: number | null;
  /** Rejects after `stop`; each chunk is dead when the next is asked for. */
  chunks(): AsyncIterable<Buffer>;
  /** Ends the wait for bytes at once. */
  stop(): void;
  close(): Promise<void>;
}

/**
 * Opens a file of any kind, or stdin when `path` is null, without waiting. What a
 * file has is read into the frames. Throws what `open` throws, and EISDIR.
 */
export function openInput(path: string | null, frames: ReadFrames): LineInput {
  const input = openInputFile(path);
  // What is read together while nobody waits for it is handed over together.
  const stream = streamOf(input, PIPE_BYTES);
  return stream === null
    ? new FileInput(input.fd, input.stat, frames)
    : new StreamInput(stream);
}

/** A pipe or a terminal: whoever writes it may take their time. */
class StreamInput implements LineInput {
  readonly isFile = false;
  readonly byteLength = null;
  readonly byteLengthNow = null;
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
  readonly #fd: number;
  readonly #frames: FileFrames;

  constructor(fd: number, stat: Stats, frames: ReadFrames) {
    this.#fd = fd;
    this.isFile = stat.isFile();
    // Those of /proc say 0, whatever they hold.
    this.byteLength = this.isFile && stat.size > 0 ? stat.size : null;
    this.#frames = new FileFrames(fd, frames);
  }

  get byteLengthNow(): number | null {
    return this.byteLength === null ? null : fstatSync(this.#fd).size;
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
