const GONE = 0x13;

/** The records of a batch of the window log but for those of kind `gone`. */
export function withoutGone(records: Buffer): {
  readonly records: Buffer;
  readonly count: number;
} {
  const kept: Buffer[] = [];
  for (let at = 0; at < records.length; ) {
    const length = readVarint(records, at);
    const end = length.end + length.value;
    if (kindOf(records, length.end) !== GONE) {
      kept.push(records.subarray(at, end));
    }
    at = end;
  }
  return { records: Buffer.concat(kept), count: kept.length };
}

/** The first byte of a record's value. */
function kindOf(bytes: Buffer, start: number): number {
  const timestamp = readVarint(bytes, start + 1);
  const offset = readVarint(bytes, timestamp.end);
  const key = readVarint(bytes, offset.end);
  const value = readVarint(bytes, key.end + Math.max(0, key.value));
  return bytes[value.end]!;
}

/** A zigzag varint of at most 32 bits, and where it ends. */
function readVarint(bytes: Buffer, start: number) {
  let bits = 0;
  let at = start;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++]!;
    bits |= (byte & 0x7f) << shift;
    if ((byte & 0x80) === 0) break;
  }
  return { value: (bits >>> 1) ^ -(bits & 1), end: at };
}
