import { writeVarint } from "../varint.ts";
import { decimalLength, writeDecimal } from "./decimal.ts";

const INITIAL_BYTES = 256;
const DASH = 0x2d;
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

  /** Appends a header of two whole numbers from 0 on, a dash in between. */
  addPair(name: string, first: number, second: number): void {
    const firstLength = decimalLength(first);
    const secondLength = decimalLength(second);
    const valueLength = firstLength + 1 + secondLength;
    this.#reserve(name.length + valueLength + 2 * MAX_VARINT_BYTES);
    this.bytes[0]! += 2;
    this.#writeText(name);
    const { bytes } = this;
    const at = writeVarint(bytes, this.byteLength, valueLength);
    writeDecimal(bytes, at, first, firstLength);
    bytes[at + firstLength] = DASH;
    writeDecimal(bytes, at + firstLength + 1, second, secondLength);
    this.byteLength = at + valueLength;
  }

  /** Appends all headers of another section. */
  addAll(other: HeaderSection): void {
    const length = other.byteLength - 1;
    this.#reserve(length);
    this.bytes[0]! += other.bytes[0]!;
    const { bytes } = this;
    for (let i = 0; i < length; i++) {
      bytes[this.byteLength + i] = other.bytes[1 + i]!;
    }
    this.byteLength += length;
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
