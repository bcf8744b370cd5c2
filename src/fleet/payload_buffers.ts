import { BufferPool } from "../wire/buffer_pool.ts";
import { type PayloadSizes, payloadSizes } from "./buffer_sizes.ts";

/**
 * The payloads of tasks, wherever they are: being filled, with a shard, or kept
 * to be used again. Knows how many bytes they take, and keeps that in a limit.
 */
export class PayloadBuffers {
  readonly sizes: PayloadSizes;
  readonly #limitBytes: number;
  readonly #kept: BufferPool;
  /** Bytes of the payloads that are being filled or with a shard. */
  #heldBytes = 0;

  constructor(limitBytes: number, shardCount: number) {
    const sizes = payloadSizes(limitBytes, shardCount);
    this.sizes = sizes;
    this.#limitBytes = limitBytes;
    this.#kept = new BufferPool(
      [...new Set([sizes.thinBytes, sizes.fullBytes])],
      sizes.mostBytes,
    );
  }

  /**
   * True when one more event of the source may be taken: what it may open is
   * in the limit too.
   */
  get hasRoom(): boolean {
    return this.#heldBytes <= this.#limitBytes - this.sizes.reservedBytes;
  }

  /** An empty payload of exactly so many bytes, which is held from now on. */
  take(byteLength: number): ArrayBuffer {
    this.#heldBytes += byteLength;
    const { thinBytes, fullBytes } = this.sizes;
    const isUsual = byteLength === thinBytes || byteLength === fullBytes;
    const payload = isUsual
      ? this.#kept.take(byteLength)
      : new ArrayBuffer(byteLength);
    this.#trim();
    return payload;
  }

  /** Takes a payload back. */
  give(payload: ArrayBuffer): void {
    this.#heldBytes -= payload.byteLength;
    this.#kept.give(payload);
    this.#trim();
  }

  /** What is kept has what room the payloads in use leave. */
  #trim(): void {
    this.#kept.trim(Math.max(0, this.sizes.mostBytes - this.#heldBytes));
  }
}
