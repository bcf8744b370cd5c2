const ZERO: u8 = 0x30;

/** Digits of a whole number from 0 to 2^53. */
export function decimalLength(value: f64): i32 {
  let length = 1;
  for (let limit: f64 = 10; value >= limit; limit *= 10) length++;
  return length;
}

/** Writes the digits of a whole number; returns where they end. */
export function writeDecimal(to: usize, value: f64): usize {
  const end = to + decimalLength(value);
  let rest = <u64>value;
  for (let at = end; at > to; rest /= 10) {
    store<u8>(--at, ZERO + <u8>(rest % 10));
  }
  return end;
}

export function isDigit(byte: u8): bool {
  return byte >= 0x30 && byte <= 0x39;
}
