/** Writes a zigzag varint of a 32-bit number at `at`; returns where it ends. */
export function writeVarint(bytes: Buffer, at: number, value: number): number {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  let end = at;
  while (rest > 0x7f) {
    bytes[end++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  bytes[end++] = rest;
  return end;
}

/** The same for a number that needs more bits, up to 53 with its sign. */
export function writeLongVarint(
  bytes: Buffer,
  at: number,
  value: number,
): number {
  let rest = value < 0 ? -2 * value - 1 : 2 * value;
  let end = at;
  while (rest > 0x7f) {
    bytes[end++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  bytes[end++] = rest;
  return end;
}

/** Bytes that `writeVarint` writes for `value`. */
export function varintByteLength(value: number): number {
  const rest = ((value << 1) ^ (value >> 31)) >>> 0;
  if (rest < 0x80) return 1;
  if (rest < 0x4000) return 2;
  if (rest < 0x200000) return 3;
  return rest < 0x10000000 ? 4 : 5;
}

/** Bytes that `writeLongVarint` writes for `value`. */
export function longVarintByteLength(value: number): number {
  let byteLength = 1;
  let rest = value < 0 ? -2 * value - 1 : 2 * value;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) byteLength++;
  return byteLength;
}

/** Bytes of a length, -1 for null, and of the bytes that follow it. */
export function sizedByteLength(length: number): number {
  return varintByteLength(length) + Math.max(0, length);
}
