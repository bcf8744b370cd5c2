import { messageOf, WorldError } from "../errors.ts";
import {
  batchByteLength,
  CRC_START,
  HEADER_BYTES,
  readAppendTime,
  readAttributes,
  readBaseTimestamp,
  readCrc,
  readInt64,
  readLastOffset,
  readRecordCount,
} from "./batch_header_reader.ts";
import type { ChunkPlace } from "./chunk.ts";
import { COMPRESSION_MASK, decompress } from "./compression.ts";
import { crc32c } from "./crc32c.ts";

/** Seven fields of a byte each. */
const RECORD_BYTES_MIN = 7;
const NO_BYTES: Buffer = Buffer.alloc(0);
const NO_PLACE: ChunkPlace = {
  topic: "",
  partition: -1,
  memory: new SharedArrayBuffer(0),
  starts: new Int32Array(0),
  firstOffset: 0,
  endOffset: 0,
  isOwn: true,
};

/**
 * Stands in the records of a chunk: in which batch, and how far in it. A batch
 * is checked and unpacked when it is entered. `open` and `advance`, which enter
 * one, throw a `WorldError` for a batch that is corrupt.
 */
export class BatchCursor {
  #place = NO_PLACE;
  #frame: Buffer = NO_BYTES;
  #entered = 0;
  /** True behind the last record. */
  isDone = true;
  /** Where the records of the batch are: the frame, or what was unpacked. */
  bytes: Buffer = NO_BYTES;
  /** True when `bytes` is not the frame. */
  isPacked = false;
  /** First byte of the next record. */
  at = 0;
  /** The byte behind the batch. */
  end = 0;
  /** Records of the batch that are not read yet. */
  recordsLeft = 0;
  /** Offset from which those of the records are counted. */
  baseOffset = 0;
  /** Time from which those of the records are counted, ms; -1 for none. */
  baseTimeMs = -1;
  /** 1 when all records have that time, whatever they say. */
  hasAppendTime: 0 | 1 = 0;
  /** All records of the batch are wanted. */
  isWhole = true;

  get partition(): number {
    return this.#place.partition;
  }

  /** Records before this offset are not wanted. */
  get firstOffset(): number {
    return this.#place.firstOffset;
  }

  /** Nor are those from here on. */
  get endOffset(): number {
    return this.#place.endOffset;
  }

  /** Goes to the first record. */
  open(place: ChunkPlace): void {
    this.#place = place;
    this.#frame = Buffer.from(place.memory);
    this.#entered = 0;
    this.isDone = false;
    this.#enter();
  }

  /**
   * Takes note that so many records were read, up to `at`. True when they were
   * the last of their batch: then it goes to the next one, and `bytes` may be
   * others.
   */
  advance(records: number, at: number): boolean {
    this.at = at;
    this.recordsLeft -= records;
    if (this.recordsLeft > 0) return false;
    if (at !== this.end) {
      const left = this.end - at;
      throw this.corrupt(`${left} bytes are behind its last record`);
    }
    this.#enter();
    return true;
  }

  /** The error of a batch that is not what Kafka writes. */
  corrupt(what = "a record reaches past its end", cause?: unknown): WorldError {
    const { topic, partition } = this.#place;
    return new WorldError(
      `Cannot read topic "${topic}": the record batch at offset ` +
        `${this.baseOffset} of partition ${partition} is corrupt, ${what}`,
      { cause },
    );
  }

  /** Goes to the next batch that has records. */
  #enter(): void {
    const { starts } = this.#place;
    while (this.#entered < starts.length) {
      if (this.#enterBatch(starts[this.#entered++]!)) return;
    }
    this.isDone = true;
    this.recordsLeft = 0;
    this.bytes = NO_BYTES;
    this.at = 0;
    this.end = 0;
  }

  /** False when there is no record in it. */
  #enterBatch(start: number): boolean {
    const { firstOffset, endOffset, isOwn } = this.#place;
    const frame = this.#frame;
    this.baseOffset = readInt64(frame, start);
    if (!isOwn) this.#checkCrc(start);
    const appendTimeMs = readAppendTime(frame, start);
    this.hasAppendTime = appendTimeMs === null ? 0 : 1;
    this.baseTimeMs = appendTimeMs ?? readBaseTimestamp(frame, start);
    this.isWhole =
      this.baseOffset >= firstOffset &&
      readLastOffset(frame, start) < endOffset;
    this.recordsLeft = readRecordCount(frame, start);
    // Compaction leaves batches without records.
    const isEmpty = batchByteLength(frame, start) === HEADER_BYTES;
    if (this.recordsLeft === 0 && isEmpty) return false;
    this.#unpack(start);
    this.#checkCount();
    return true;
  }

  /** Checks the number of records, as far as that needs no look at them. */
  #checkCount(): void {
    const count = this.recordsLeft;
    const byteLength = this.end - this.at;
    if (count > 0 && count * RECORD_BYTES_MIN <= byteLength) return;
    throw this.corrupt(`it has ${byteLength} bytes for ${count} records`);
  }

  #checkCrc(start: number): void {
    const frame = this.#frame;
    const end = start + batchByteLength(frame, start);
    const actual = crc32c(frame.subarray(start + CRC_START, end));
    const expected = readCrc(frame, start);
    if (actual !== expected) {
      throw this.corrupt(`CRC-32C is ${actual}, expected ${expected}`);
    }
  }

  #unpack(start: number): void {
    const frame = this.#frame;
    const code = readAttributes(frame, start) & COMPRESSION_MASK;
    const recordsStart = start + HEADER_BYTES;
    const end = start + batchByteLength(frame, start);
    this.isPacked = code !== 0;
    if (code === 0) {
      this.bytes = frame;
      this.at = recordsStart;
      this.end = end;
      return;
    }
    try {
      this.bytes = decompress(code, frame.subarray(recordsStart, end));
    } catch (error) {
      const what = `its records cannot be unpacked: ${messageOf(error)}`;
      throw this.corrupt(what, error);
    }
    this.at = 0;
    this.end = this.bytes.length;
  }
}
