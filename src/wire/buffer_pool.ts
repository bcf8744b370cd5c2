/** Buffers of one size that are used again instead of allocated anew. */
export class BufferPool {
  readonly byteLength: number;
  readonly #free: ArrayBuffer[] = [];
  readonly #maxFree: number;

  constructor(byteLength: number, maxFree: number) {
    this.byteLength = byteLength;
    this.#maxFree = maxFree;
  }

  /** A buffer of at least `byteLength`, which holds what it last held. */
  take(byteLength = this.byteLength): ArrayBuffer {
    if (byteLength > this.byteLength) return new ArrayBuffer(byteLength);
    return this.#free.pop() ?? new ArrayBuffer(this.byteLength);
  }

  /** Gives a buffer back; one of another size is left to the collector. */
  give(buffer: ArrayBuffer): void {
    if (buffer.byteLength !== this.byteLength) return;
    if (this.#free.length < this.#maxFree) this.#free.push(buffer);
  }
}
