const ZERO: u8 = 0x30;

/** Digits of a whole number from 0 to 2^53. */
export function decimalLength(value: f64): i32 {
  let length = 1;
  for (let limit: f64 = 10; value >= limit; limit *= 10) length++;
  return length;
}

/** Writes the digits of a whole number, which are so many; returns their end. */
export function writeDecimal(to: usize, value: f64, length: i32): usize {
  const end = to + length;
  let rest = <u64>value;
  for (let at = end; at > to; rest /= 10) {
    store<u8>(--at, ZERO + <u8>(rest % 10));
  }
  return end;
}
