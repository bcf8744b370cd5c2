/** How fast a larger chunk is forgotten: by so much a chunk. */
const FADING = 7 / 8;

/**
 * Bytes of the records that are under way: from when their chunk is taken until
 * all of it is applied. They count as they are unpacked, so that the limit means
 * the same work and the same wait for any codec. What is packed counts as it claims
 * to unpack to, or, where that is more, as its records would on the average so far,
 * until it is unpacked.
 */
export class InFlight {
  readonly #limitBytes: number;
  #bytes = 0;
  /** About what the next chunk will take: the largest of the last ones. */
  #nextBytes = 0;
  #unpackedBytes = 0;
  #unpackedRecords = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** Bytes that are under way now. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * True when one more chunk like the last ones is within the limit. Where one
   * alone is beyond it, they are taken one at a time.
   */
  get hasRoom(): boolean {
    const limitBytes = this.#limitBytes;
    const nextBytes = Math.min(this.#nextBytes, Math.max(0, limitBytes));
    return this.#bytes + nextBytes <= limitBytes;
  }

  /** True when the threads have time to spare. */
  get isLittle(): boolean {
    return this.#bytes <= this.#limitBytes / 4;
  }

  /** True when there is more than the limit allows. */
  get isOver(): boolean {
    return this.#bytes > this.#limitBytes;
  }

  /** Takes records as under way; returns the bytes that they count for. */
  add(byteLength: number, count: number): number {
    const average = this.#unpackedBytes / Math.max(1, this.#unpackedRecords);
    const bytes = Math.max(byteLength, Math.ceil(count * average));
    this.#nextBytes = Math.max(bytes, this.#nextBytes * FADING);
    this.#change(bytes);
    return bytes;
  }

  /**
   * The same for records that are packed and claim to unpack to so many bytes.
   * While nothing is known, they count for all that there is room for: a claim
   * may be wrong.
   */
  addPacked(claimedBytes: number, count: number): number {
    const bytes = this.add(claimedBytes, count);
    const leftBytes = this.#limitBytes - this.#bytes;
    if (this.#unpackedRecords > 0 || leftBytes <= 0) return bytes;
    this.#change(leftBytes);
    return bytes + leftBytes;
  }

  /** So many records have turned out to be so many bytes, unpacked. */
  learn({ count, byteLength }: { count: number; byteLength: number }): void {
    this.#unpackedRecords += count;
    this.#unpackedBytes += byteLength;
  }

  /** Records that counted for some bytes count for others from now on. */
  correct(beforeBytes: number, bytes: number): void {
    this.#nextBytes = Math.max(bytes, this.#nextBytes);
    this.#change(bytes - beforeBytes);
  }

  /** Records that counted for so many bytes are applied. */
  remove(bytes: number): void {
    this.#change(-bytes);
  }

  #change(byBytes: number): void {
    this.#bytes += byBytes;
    if (this.#bytes >= 0) return;
    throw new Error(
      `Cannot count records under way: ${-byBytes} bytes less are ${this.#bytes}`,
    );
  }
}
