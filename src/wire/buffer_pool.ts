/**
 * Buffers of a few sizes that are used again instead of allocated anew. Small
 * ones matter too: V8 counts a buffer as allocated whenever it comes from another
 * thread, and collects all the sooner for it.
 */
export class BufferPool {
  readonly #sizes: readonly number[];
  readonly #free = new Map<number, ArrayBuffer[]>();
  readonly #freeBytesMax: number;
  /** Bytes of the buffers that are kept. */
  #freeBytes = 0;

  /** The sizes ascend, in bytes; at most `freeBytesMax` are kept of them all. */
  constructor(sizes: readonly number[], freeBytesMax: number) {
    this.#sizes = sizes;
    this.#freeBytesMax = freeBytesMax;
    for (const size of sizes) this.#free.set(size, []);
  }

  /** A buffer of at least `byteLength`, which holds what it last held. */
  take(byteLength: number): ArrayBuffer {
    const size = this.#sizes.find((each) => each >= byteLength) ?? byteLength;
    const buffer = this.#free.get(size)?.pop();
    if (buffer === undefined) return new ArrayBuffer(size);
    this.#freeBytes -= size;
    return buffer;
  }

  /** Gives a buffer back; one of another size is left to the collector. */
  give(buffer: ArrayBuffer): void {
    const free = this.#free.get(buffer.byteLength);
    if (free === undefined) return;
    if (this.#freeBytes + buffer.byteLength > this.#freeBytesMax) return;
    free.push(buffer);
    this.#freeBytes += buffer.byteLength;
  }

  /** Leaves buffers to the collector until so many bytes are kept at most. */
  trim(freeBytesMax: number): void {
    for (const [size, free] of this.#free) {
      while (this.#freeBytes > freeBytesMax && free.pop() !== undefined) {
        this.#freeBytes -= size;
      }
    }
  }
}
