import { sizedByteLength, varintByteLength, writeVarint } from "./varint.ts";

/** Attributes, time delta and number of headers: all zero. */
const ZERO_BYTES = 3;

/** One record that is to be written as Kafka does (v2). */
export interface RecordFields {
  /** Where key and value are. */
  readonly bytes: Buffer;
  readonly keyStart: number;
  /** -1 for a null key. */
  readonly keyLength: number;
  readonly valueStart: number;
  /** -1 for a null value. */
  readonly valueLength: number;
}

/** Bytes that `writeRecord` writes. */
export function recordByteLength(
  { keyLength, valueLength }: RecordFields,
  offsetDelta: number,
): number {
  const bodyLength = bodyByteLength(keyLength, valueLength, offsetDelta);
  return varintByteLength(bodyLength) + bodyLength;
}

function bodyByteLength(
  keyLength: number,
  valueLength: number,
  offsetDelta: number,
): number {
  return (
    ZERO_BYTES +
    varintByteLength(offsetDelta) +
    sizedByteLength(keyLength) +
    sizedByteLength(valueLength)
  );
}

/** Writes a record without headers into `to`; returns where it ends. */
export function writeRecord(
  record: RecordFields,
  offsetDelta: number,
  to: { readonly bytes: Buffer; readonly at: number },
): number {
  const { bytes, keyStart, keyLength, valueStart, valueLength } = record;
  const bodyLength = bodyByteLength(keyLength, valueLength, offsetDelta);
  let at = writeVarint(to.bytes, to.at, bodyLength);
  to.bytes[at++] = 0;
  to.bytes[at++] = 0;
  at = writeVarint(to.bytes, at, offsetDelta);
  at = writeVarint(to.bytes, at, keyLength);
  if (keyLength > 0) {
    at += bytes.copy(to.bytes, at, keyStart, keyStart + keyLength);
  }
  at = writeVarint(to.bytes, at, valueLength);
  if (valueLength > 0) {
    at += bytes.copy(to.bytes, at, valueStart, valueStart + valueLength);
  }
  to.bytes[at++] = 0;
  return at;
}
