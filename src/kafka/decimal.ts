const ZERO = 0x30;
/** Below it, digits are made with quick 32-bit arithmetic. */
const SMALL = 1_000_000_000;

/** Digits of a whole number from 0 to 2^53. */
export function decimalLength(value: number): number {
  let length = 1;
  for (let limit = 10; value >= limit; limit *= 10) length++;
  return length;
}

/** Writes `length` digits, which are all that `value` has, at `at`. */
export function writeDecimal(
  bytes: Buffer,
  at: number,
  value: number,
  length: number,
): void {
  let rest = value;
  let place = at + length;
  while (rest >= SMALL) {
    const tens = Math.floor(rest / 10);
    bytes[--place] = ZERO + (rest - 10 * tens);
    rest = tens;
  }
  let small = rest | 0;
  while (place > at) {
    const tens = (small / 10) | 0;
    bytes[--place] = ZERO + (small - 10 * tens);
    small = tens;
  }
}
