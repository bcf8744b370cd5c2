import type { TransactionalBatch } from "./aborted_filter.ts";

/** Bytes before the records of a v2 record batch. */
export const HEADER_BYTES = 61;
/** Bytes before those that the batch length counts. */
export const LENGTH_PREFIX_BYTES = 12;
/** The record format that this code reads: Kafka 0.11 and newer. */
export const MAGIC = 2;
/** Where the bytes begin that the CRC covers. */
export const CRC_START = 21;

const LAST_OFFSET_DELTA_AT = 23;
const TIMESTAMP_TYPE_BIT = 0x08;
const TRANSACTIONAL_BIT = 0x10;
const CONTROL_BIT = 0x20;

/** The fixed fields at the start of a v2 record batch. */
export interface RecordBatchHeader extends TransactionalBatch {
  readonly baseOffset: number;
  readonly lastOffset: number;
  /** Bytes of the whole batch, this header included. */
  readonly byteLength: number;
}

/** Reads the header of the batch at `start`; its bytes must all be there. */
export function readHeader(bytes: Buffer, start: number): RecordBatchHeader {
  const attributes = bytes.readInt16BE(start + CRC_START);
  return {
    baseOffset: readInt64(bytes, start),
    lastOffset: readLastOffset(bytes, start),
    byteLength: batchByteLength(bytes, start),
    producerId: readInt64(bytes, start + 43),
    isTransactional: (attributes & TRANSACTIONAL_BIT) !== 0,
    isControl: (attributes & CONTROL_BIT) !== 0,
  };
}

/** Offset of the last record that the batch at `start` was written with. */
export function readLastOffset(bytes: Buffer, start: number): number {
  return (
    readInt64(bytes, start) + bytes.readInt32BE(start + LAST_OFFSET_DELTA_AT)
  );
}

/** Bytes of the whole batch at `start`, of which at least 12 must be there. */
export function batchByteLength(bytes: Buffer, start: number): number {
  return LENGTH_PREFIX_BYTES + bytes.readInt32BE(start + 8);
}

/** Which leader of the partition took the batch at `start`. */
export function readLeaderEpoch(bytes: Buffer, start: number): number {
  return bytes.readInt32BE(start + 12);
}

/** The format version of the batch at `start`. */
export function readMagic(bytes: Buffer, start: number): number {
  return bytes[start + 16]!;
}

/** The CRC-32C that the batch at `start` claims to have, unsigned. */
export function readCrc(bytes: Buffer, start: number): number {
  return bytes.readUInt32BE(start + 17);
}

/** The attribute bits of the batch at `start`. */
export function readAttributes(bytes: Buffer, start: number): number {
  return bytes.readInt16BE(start + CRC_START);
}

/** The number of records that are still in the batch at `start`. */
export function readRecordCount(bytes: Buffer, start: number): number {
  return bytes.readInt32BE(start + 57);
}

/** The timestamp that record timestamps are relative to, ms. */
export function readBaseTimestamp(bytes: Buffer, start: number): number {
  return readInt64(bytes, start + 27);
}

/** The newest timestamp of the records of the batch at `start`, ms. */
export function readMaxTimestamp(bytes: Buffer, start: number): number {
  return readInt64(bytes, start + 35);
}

/**
 * The time of the append, ms, when the topic stamps records by it (then the
 * records' own timestamps say nothing), else null.
 */
export function readAppendTime(bytes: Buffer, start: number): number | null {
  const isAppendTime =
    (readAttributes(bytes, start) & TIMESTAMP_TYPE_BIT) !== 0;
  return isAppendTime ? readInt64(bytes, start + 35) : null;
}

/** A signed 64-bit number; exact up to 2^53, which no offset reaches. */
export function readInt64(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 0x100000000 + bytes.readUInt32BE(at + 4);
}
