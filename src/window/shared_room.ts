/** Shared memory that is filled from its start on; another one when it is full. */
export class SharedRoom {
  memory: SharedArrayBuffer;
  bytes: Buffer;
  #byteLength = 0;

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.bytes = Buffer.from(memory);
  }

  /** Makes so many bytes more part of what is filled; returns where they begin. */
  append(byteLength: number): number {
    const at = this.#byteLength;
    const end = at + byteLength;
    if (end > this.bytes.length) this.#grow(Math.max(end, 2 * at));
    this.#byteLength = end;
    return at;
  }

  #grow(byteLength: number): void {
    this.memory = new SharedArrayBuffer(byteLength);
    const grown = Buffer.from(this.memory);
    this.bytes.copy(grown, 0, 0, this.#byteLength);
    this.bytes = grown;
  }
}
