/**
 * Buffers of a few sizes that are used again instead of allocated anew. Small
 * ones matter too: V8 counts a buffer as allocated whenever it comes from another
 * thread, and collects all the sooner for it.
 */
export class BufferPool {
  readonly #sizes: readonly number[];
  readonly #free = new Map<number, ArrayBuffer[]>();
  readonly #maxFree: number;

  /** The sizes ascend, in bytes; of each at most `maxFree` are kept. */
  constructor(sizes: readonly number[], maxFree: number) {
    this.#sizes = sizes;
    this.#maxFree = maxFree;
    for (const size of sizes) this.#free.set(size, []);
  }

  /** A buffer of at least `byteLength`, which holds what it last held. */
  take(byteLength: number): ArrayBuffer {
    const size = this.#sizes.find((each) => each >= byteLength) ?? byteLength;
    return this.#free.get(size)?.pop() ?? new ArrayBuffer(size);
  }

  /** Gives a buffer back; one of another size is left to the collector. */
  give(buffer: ArrayBuffer): void {
    const free = this.#free.get(buffer.byteLength);
    if (free && free.length < this.#maxFree) free.push(buffer);
  }
}
