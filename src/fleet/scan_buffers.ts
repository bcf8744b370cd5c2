import { type Frame, FramePool } from "../record/frame_pool.ts";

/** Less is not worth to be kept. */
const LEAST_BYTES = 16 * 1024;
/** How fast a larger share is forgotten: by so much a chunk. */
const FADING = 15 / 16;

/**
 * Shared memory for what a scan makes of a chunk, used again. It is as large as
 * the last scans needed; one that is too small is replaced by the scan.
 */
export class ScanBuffers {
  readonly #pool: FramePool;
  /** Bytes made of each byte of a chunk, at most of late. */
  #share: number;

  /**
   * `share`: bytes that are made of each byte of a chunk, as long as none were.
   * So many bytes may lie unused.
   */
  constructor(share: number, idleBytesMax: number) {
    this.#share = share;
    this.#pool = new FramePool(idleBytesMax);
  }

  /** Memory for what is made of a chunk of so many bytes. */
  take(chunkBytes: number): Frame {
    const bytes = Math.ceil(chunkBytes * this.#share);
    return this.#pool.take(Math.max(LEAST_BYTES, bytes));
  }

  /**
   * The memory that a scan has used: `given`, which is free when the scan has
   * answered with a larger one in its place.
   */
  used(given: Frame, answered: SharedArrayBuffer | null): Frame {
    const isReplaced =
      answered !== null && answered.byteLength > given.memory.byteLength;
    if (!isReplaced) return given;
    given.release();
    return this.#pool.adopt(answered);
  }

  /** So much was made of a chunk of so many bytes. */
  learn(chunkBytes: number, madeBytes: number): void {
    const share = madeBytes / Math.max(1, chunkBytes);
    this.#share = Math.max(share, this.#share * FADING);
  }
}
