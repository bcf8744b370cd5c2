/** Shared memory that is filled from its start on; another one when it is full. */
export class SharedRoom {
  memory: SharedArrayBuffer;
  bytes: Buffer;
  #byteLength = 0;

  constructor(memory: SharedArrayBuffer) {
    this.memory = memory;
    this.bytes = Buffer.from(memory);
  }

  /**
   * Makes so many bytes more part of what is filled; returns where they begin.
   * So many are about to follow: V8 counts no shared memory, and may keep what
   * was outgrown for long.
   */
  append(byteLength: number, nextBytes = 0): number {
    const at = this.#byteLength;
    const end = at + byteLength;
    if (end > this.bytes.length) this.#grow(Math.max(end + nextBytes, 2 * at));
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
