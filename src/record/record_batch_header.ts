import { CRC_START, HEADER_BYTES, MAGIC } from "./batch_header_reader.ts";
import { crc32c, shiftCrc32c } from "./crc32c.ts";

const LENGTH_AT = 8;
const LEADER_EPOCH_AT = 12;
const MAGIC_AT = 16;
const CRC_AT = 17;
const LAST_OFFSET_DELTA_AT = 23;
const BASE_TIMESTAMP_AT = 27;
const MAX_TIMESTAMP_AT = 35;
const PRODUCER_ID_AT = 43;
const PRODUCER_EPOCH_AT = 51;
const BASE_SEQUENCE_AT = 53;
const COUNT_AT = 57;

const TRANSACTIONAL_BIT = 0x10;

/** What a batch is stamped with when it is sent. */
export interface BatchStamp {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly transactional: boolean;
  readonly baseSequence: number;
  /** Timestamp of all its records, ms. */
  readonly timestampMs: number;
}

/** What stands in the header of a batch that never leaves the process. */
export interface OwnBatch {
  readonly count: number;
  readonly baseOffset: number;
  readonly lastOffset: number;
  /** What the records' timestamps are counted from, ms. */
  readonly baseTimeMs: number;
  readonly newestMs: number;
}

/** Writes the header of a batch of `count` records, without a stamp. */
export function writeBatchHeader(batch: Buffer, count: number): void {
  writePlainHeader(batch, count);
  batch.writeUInt32BE(crc32c(batch.subarray(CRC_START)), CRC_AT);
}

/** Writes the header of a batch that nobody checks: it has no CRC. */
export function writeOwnHeader(batch: Buffer, own: OwnBatch): void {
  const { count, baseOffset, lastOffset, baseTimeMs, newestMs } = own;
  writePlainHeader(batch, count);
  batch.writeBigInt64BE(BigInt(baseOffset), 0);
  batch.writeInt32BE(lastOffset - baseOffset, LAST_OFFSET_DELTA_AT);
  batch.writeBigInt64BE(BigInt(baseTimeMs), BASE_TIMESTAMP_AT);
  batch.writeBigInt64BE(BigInt(newestMs), MAX_TIMESTAMP_AT);
}

function writePlainHeader(batch: Buffer, count: number): void {
  batch.fill(0, 0, HEADER_BYTES);
  batch.writeInt32BE(batch.length - LEADER_EPOCH_AT, LENGTH_AT);
  batch.writeInt32BE(-1, LEADER_EPOCH_AT);
  batch[MAGIC_AT] = MAGIC;
  batch.writeInt32BE(count - 1, LAST_OFFSET_DELTA_AT);
  batch.writeBigInt64BE(-1n, PRODUCER_ID_AT);
  batch.writeInt16BE(-1, PRODUCER_EPOCH_AT);
  batch.writeInt32BE(-1, BASE_SEQUENCE_AT);
  batch.writeInt32BE(count, COUNT_AT);
}

/**
 * Stamps a batch that has its header. Only the header is read again: the CRC
 * of the records is carried over from the one that was there.
 */
export function stampBatch(batch: Buffer, stamp: BatchStamp): void {
  const header = batch.subarray(CRC_START, HEADER_BYTES);
  const before = crc32c(header);
  const attributes = batch.readInt16BE(CRC_START) & ~TRANSACTIONAL_BIT;
  const transactionalBit = stamp.transactional ? TRANSACTIONAL_BIT : 0;
  batch.writeInt16BE(attributes | transactionalBit, CRC_START);
  const timestamp = BigInt(Math.floor(stamp.timestampMs));
  batch.writeBigInt64BE(timestamp, BASE_TIMESTAMP_AT);
  batch.writeBigInt64BE(timestamp, MAX_TIMESTAMP_AT);
  batch.writeBigInt64BE(stamp.producerId, PRODUCER_ID_AT);
  batch.writeInt16BE(stamp.producerEpoch, PRODUCER_EPOCH_AT);
  batch.writeInt32BE(stamp.baseSequence, BASE_SEQUENCE_AT);
  const difference = before ^ crc32c(header);
  const tailLength = batch.length - HEADER_BYTES;
  const crc = batch.readUInt32BE(CRC_AT) ^ shiftCrc32c(difference, tailLength);
  batch.writeUInt32BE(crc >>> 0, CRC_AT);
}
