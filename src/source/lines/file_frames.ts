import { closeSync, read } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";

const readInto = promisify(read);

/** A device that has nothing yet is asked again after this, ms. */
const RETRY_MS = 20;

/** Where a file is read into, in turns; as large as a read. */
export type ReadFrames = readonly [Buffer, Buffer];

/**
 * The bytes of a file that was opened without blocking, in two frames that take
 * turns: one is read while the other is worked on.
 */
export class FileFrames {
  readonly #fd: number;
  readonly #frames: ReadFrames;
  readonly #stopping = new AbortController();
  #reading: Promise<number> = Promise.resolve(0);

  constructor(fd: number, frames: ReadFrames) {
    this.#fd = fd;
    this.#frames = frames;
  }

  /** What is yielded is dead when the next one is asked for. */
  async *chunks(): AsyncIterable<Buffer> {
    let [current, next] = this.#frames;
    let byteLength = await this.#read(current);
    while (byteLength > 0) {
      const reading = this.#read(next);
      yield current.subarray(0, byteLength);
      byteLength = await reading;
      [current, next] = [next, current];
    }
  }

  /** Makes `chunks` reject when it waits for a device. */
  stop(): void {
    this.#stopping.abort();
  }

  /** Closes the file, once the read that is under way is over. */
  async close(): Promise<void> {
    this.stop();
    await this.#reading.catch(() => {});
    closeSync(this.#fd);
  }

  #read(frame: Buffer): Promise<number> {
    this.#reading = this.#readSome(frame);
    // A failure is met where the frame is waited for, if anybody still does.
    this.#reading.catch(() => {});
    return this.#reading;
  }

  async #readSome(frame: Buffer): Promise<number> {
    const { signal } = this.#stopping;
    for (;;) {
      signal.throwIfAborted();
      try {
        const { bytesRead } = await readInto(
          this.#fd,
          frame,
          0,
          frame.length,
          null,
        );
        return bytesRead;
      } catch (error) {
        if (!isNothingYet(error)) throw error;
      }
      await pause(RETRY_MS, undefined, { signal });
    }
  }
}

function isNothingYet(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EAGAIN";
}
