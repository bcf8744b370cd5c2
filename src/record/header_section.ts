import { writeVarint } from "./varint.ts";

const INITIAL_BYTES = 256;
/** A varint of 32 bits is never longer. */
const MAX_VARINT_BYTES = 5;

/**
 * The header section of a record, built anew for each record in one buffer.
 * Names and values are ASCII, and there are fewer than 64 of them.
 */
export class HeaderSection {
  bytes: Buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  byteLength = 1;

  /** Begins the section of a next record. */
  clear(): void {
    this.bytes[0] = 0;
    this.byteLength = 1;
  }

  /** Appends a header. */
  add(name: string, value: string): void {
    const textLength = name.length + value.length;
    this.#reserve(textLength + 2 * MAX_VARINT_BYTES);
    // The count stands in front, zigzag-encoded: one more header adds two.
    this.bytes[0]! += 2;
    this.#writeText(name);
    this.#writeText(value);
  }

  #writeText(text: string): void {
    const { bytes } = this;
    const length = text.length;
    let at = writeVarint(bytes, this.byteLength, length);
    // Headers are short: a loop is quicker than a call into native code.
    for (let i = 0; i < length; i++) bytes[at++] = text.charCodeAt(i);
    this.byteLength = at;
  }

  #reserve(byteLength: number): void {
    const needed = this.byteLength + byteLength;
    if (needed <= this.bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(2 * needed);
    this.bytes.copy(grown, 0, 0, this.byteLength);
    this.bytes = grown;
  }
}
