import type { Frame, FramePool } from "../../record/frame_pool.ts";

const LENGTH_BYTES = 4;
/** No broker sends more; a larger number is no length. */
const MAX_FRAME_BYTES = 1024 * 1024 * 1024;

/**
 * Cuts the bytes of a connection into responses. The socket reads right into
 * `target()` and says with `advance` how far it came: nothing is copied.
 */
export class FrameReader {
  readonly #pool: FramePool;
  readonly #onFrame: (frame: Frame) => void;
  readonly #length = Buffer.allocUnsafe(LENGTH_BYTES);
  /** The response that is being read, null while its length is. */
  #frame: Frame | null = null;
  #filled = 0;

  /** `onFrame` owns the frames it is given. */
  constructor(pool: FramePool, onFrame: (frame: Frame) => void) {
    this.#pool = pool;
    this.#onFrame = onFrame;
  }

  /** Where the next bytes go; never reaches past the end of the response. */
  target(): Buffer {
    const bytes = this.#frame?.bytes ?? this.#length;
    return bytes.subarray(this.#filled);
  }

  /** Takes note of `byteLength` bytes read. Throws at an impossible length. */
  advance(byteLength: number): void {
    this.#filled += byteLength;
    if (this.#frame === null) {
      if (this.#filled < LENGTH_BYTES) return;
      this.#frame = this.#pool.take(this.#readLength());
      this.#filled = 0;
    }
    if (this.#filled < this.#frame.bytes.length) return;
    const frame = this.#frame;
    this.#frame = null;
    this.#filled = 0;
    this.#onFrame(frame);
  }

  /** Gives up the response that is being read. */
  dispose(): void {
    this.#frame?.release();
    this.#frame = null;
    this.#filled = 0;
  }

  #readLength(): number {
    const byteLength = this.#length.readInt32BE(0);
    if (byteLength >= LENGTH_BYTES && byteLength <= MAX_FRAME_BYTES) {
      return byteLength;
    }
    throw new RangeError(
      `Cannot read response: its length is ${byteLength}, ` +
        `expected ${LENGTH_BYTES} to ${MAX_FRAME_BYTES} bytes`,
    );
  }
}
