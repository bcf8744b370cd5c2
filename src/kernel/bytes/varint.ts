/** Where the last read ended: the position behind its last byte. */
export let varintEnd: i32 = 0;

/** The signed zigzag number of 32 bits at `at`. */
export function readVarint(at: i32): i32 {
  const first: u32 = load<u8>(at);
  if (first < 0x80) {
    varintEnd = at + 1;
    return (first >>> 1) ^ -(<i32>(first & 1));
  }
  return <i32>readLong(at);
}

/** The signed zigzag number of 64 bits at `at`. */
export function readVarlong(at: i32): i64 {
  const first: u32 = load<u8>(at);
  if (first < 0x80) {
    varintEnd = at + 1;
    return <i64>(<i32>(first >>> 1) ^ -(<i32>(first & 1)));
  }
  return readLong(at);
}

function readLong(at: i32): i64 {
  let raw: u64 = 0;
  let shift: u64 = 0;
  let end = at;
  for (; end < at + 10; end++) {
    const byte: u64 = load<u8>(end);
    raw |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
    shift += 7;
  }
  varintEnd = end + 1;
  return <i64>(raw >>> 1) ^ -(<i64>(raw & 1));
}

/** Bytes of a number as `writeVarint` writes it. */
export function varintLength(value: i32): i32 {
  const bits = 32 - clz(zigzag(value) | 1);
  return (bits + 6) / 7;
}

/** Writes a number; returns where it ends. */
export function writeVarint(to: usize, value: i32): usize {
  let rest = zigzag(value);
  let at = to;
  for (; rest > 0x7f; rest >>>= 7) store<u8>(at++, (rest & 0x7f) | 0x80);
  store<u8>(at, rest);
  return at + 1;
}

/** Bytes of a number as `writeVarlong` writes it. */
export function varlongLength(value: i64): i32 {
  const zigzag = <u64>((value << 1) ^ (value >> 63));
  return (70 - <i32>clz<u64>(zigzag | 1)) / 7;
}

/** Writes a number of 64 bits; returns where it ends. */
export function writeVarlong(to: usize, value: i64): usize {
  let rest = <u64>((value << 1) ^ (value >> 63));
  let at = to;
  for (; rest > 0x7f; rest >>>= 7) store<u8>(at++, (rest & 0x7f) | 0x80);
  store<u8>(at, rest);
  return at + 1;
}

function zigzag(value: i32): u32 {
  return (value << 1) ^ (value >> 31);
}
