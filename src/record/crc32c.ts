import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
/** Loaded when it is needed: files have no checksums. */
const library = () =>
  require("@node-rs/crc32") as typeof import("@node-rs/crc32");
let checksum: ((bytes: Uint8Array) => number) | null = null;

/** The CRC-32C polynomial, lowest power in the highest bit. */
const POLYNOMIAL = 0x82f63b78;
const ONE = 0x80000000 | 0;

/** `SQUARES[k]` is x^(2^k) modulo the polynomial; enough for 2^31 bytes. */
const SQUARES = squares(35);

/**
 * The CRC-32C (Castagnoli) of `bytes`, unsigned. The library stands at 1.10.7
 * because 1.10.8 is built without the processor's three streams of CRC-32C: a
 * quarter of the speed (4 GB/s instead of 16 and more), in all that we read.
 */
export function crc32c(bytes: Uint8Array): number {
  checksum ??= library().crc32c;
  return checksum(bytes);
}

/**
 * What a difference between two CRCs becomes `byteLength` bytes further on:
 * `crc(h1 + tail) ^ crc(h2 + tail)` is `crc(h1) ^ crc(h2)` so shifted.
 */
export function shiftCrc32c(difference: number, byteLength: number): number {
  let power = ONE;
  let bits = byteLength;
  for (let k = 3; bits > 0; k++, bits = Math.floor(bits / 2)) {
    if (bits % 2 === 1) power = multiply(SQUARES[k]!, power);
  }
  return multiply(power, difference | 0) >>> 0;
}

/** Product of two polynomials over GF(2) modulo the CRC's polynomial. */
function multiply(a: number, b: number): number {
  let product = 0;
  let term = b;
  for (let bit = 31; bit >= 0; bit--) {
    if ((a >>> bit) & 1) product ^= term;
    term = term & 1 ? (term >>> 1) ^ POLYNOMIAL : term >>> 1;
  }
  return product;
}

function squares(count: number): Int32Array {
  const table = new Int32Array(count);
  table[0] = 0x40000000;
  for (let k = 1; k < count; k++) {
    table[k] = multiply(table[k - 1]!, table[k - 1]!);
  }
  return table;
}
