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
  readMaxTimestamp,
  readRecordCount,
} from "./batch_header_reader.ts";
import { COMPRESSION_MASK, decompress } from "./compression.ts";
import { crc32c } from "./crc32c.ts";
import type {
  RecordBase,
  RecordBatch,
  RecordCursor,
  RecordRun,
} from "./record_batch.ts";
import { RecordReader } from "./record_reader.ts";

/** Kafka's record batches that one reader walks, and where they came from. */
export interface RecordBatchRange {
  readonly topic: string;
  readonly partition: number;
  readonly fetchedAtMs: number;
  /** The frame that holds the batches. */
  readonly bytes: Buffer;
  /** Where in the frame each visible batch starts, in offset order. */
  readonly starts: readonly number[];
  readonly byteLength: number;
  /** Records below this offset were asked for by nobody. */
  readonly firstOffset: number;
  /** Records from this offset on are not part of the run. */
  readonly endOffset: number;
  /** Called once, when the bytes are no longer looked at. */
  readonly release: () => void;
}

/** Seven fields of a byte each. */
const RECORD_BYTES_MIN = 7;
const NO_BYTES = Buffer.alloc(0);

/**
 * Walks the records of Kafka's record batches (v2) where they lie in the
 * frame. `next` throws a `WorldError` for a batch that is corrupt.
 */
export class RecordBatchReader implements RecordBatch {
  readonly partition: number;
  readonly fetchedAtMs: number;
  readonly byteLength: number;
  newestMs = -1;
  readonly #range: RecordBatchRange;
  readonly #record = new RecordReader();
  #isReleased = false;
  #opened = 0;
  #recordsLeft = 0;
  /** The batch is read by records already. */
  #isBegun = false;
  /** The frame, or the unpacked records of a compressed batch. */
  #bytes: Buffer;
  #at = 0;
  #recordsEnd = 0;
  #baseOffset = 0;
  #lastOffset = 0;
  #baseTimestampMs = 0;
  #appendTimeMs: number | null = null;

  constructor(range: RecordBatchRange) {
    this.partition = range.partition;
    this.fetchedAtMs = range.fetchedAtMs;
    this.byteLength = range.byteLength;
    this.#range = range;
    this.#bytes = range.bytes;
  }

  next(cursor: RecordCursor): boolean {
    const { firstOffset, endOffset } = this.#range;
    do {
      if (this.#recordsLeft === 0 && !this.#openNextBatch()) return false;
      if (!this.#isBegun) this.#giveBase(cursor.base);
      this.#isBegun = true;
      this.#recordsLeft--;
      this.#readRecord(cursor);
      // The first batch of a fetch may begin before the offset asked for.
    } while (cursor.offset < firstOffset);
    return cursor.offset < endOffset;
  }

  nextRun(run: RecordRun, bytesMax: number): boolean {
    if (this.#recordsLeft === 0 && !this.#openNextBatch()) return false;
    const { firstOffset, endOffset } = this.#range;
    const isWanted =
      this.#baseOffset >= firstOffset && this.#lastOffset < endOffset;
    const byteLength = this.#recordsEnd - this.#at;
    if (this.#isBegun || !isWanted || byteLength > bytesMax) return false;
    run.bytes = this.#bytes;
    run.start = this.#at;
    run.end = this.#recordsEnd;
    run.count = this.#recordsLeft;
    this.#giveBase(run.base);
    this.#recordsLeft = 0;
    return true;
  }

  #giveBase(base: RecordBase): void {
    base.offset = this.#baseOffset;
    base.timeMs = this.#appendTimeMs ?? this.#baseTimestampMs;
    base.hasAppendTime = this.#appendTimeMs !== null;
  }

  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#recordsLeft = 0;
    this.#opened = this.#range.starts.length;
    this.#bytes = NO_BYTES;
    this.#range.release();
  }

  #readRecord(cursor: RecordCursor): void {
    const bytes = this.#bytes;
    const record = this.#record;
    if (!record.read(bytes, this.#at, this.#recordsEnd)) {
      throw this.#corrupt("a record reaches past its end");
    }
    // Mostly it is the same: a comparison is less than V8's bookkeeping.
    if (cursor.bytes !== bytes) cursor.bytes = bytes;
    cursor.recordStart = this.#at;
    cursor.recordEnd = record.end;
    cursor.keyStart = record.keyStart;
    cursor.keyLength = record.keyLength;
    cursor.valueStart = record.valueStart;
    cursor.valueLength = record.valueLength;
    cursor.offset = this.#baseOffset + record.offsetDelta;
    cursor.timestampMs =
      this.#appendTimeMs ?? this.#baseTimestampMs + record.timestampDelta;
    this.#at = record.end;
    if (this.#recordsLeft === 0 && record.end !== this.#recordsEnd) {
      const left = this.#recordsEnd - record.end;
      throw this.#corrupt(`${left} bytes are behind its last record`);
    }
  }

  #openNextBatch(): boolean {
    const { bytes, starts } = this.#range;
    while (this.#opened < starts.length) {
      const start = starts[this.#opened++]!;
      this.#isBegun = false;
      this.#baseOffset = readInt64(bytes, start);
      this.#lastOffset = readLastOffset(bytes, start);
      this.#checkCrc(start);
      this.#baseTimestampMs = readBaseTimestamp(bytes, start);
      this.#appendTimeMs = readAppendTime(bytes, start);
      this.newestMs = Math.max(this.newestMs, readMaxTimestamp(bytes, start));
      this.#recordsLeft = readRecordCount(bytes, start);
      // Compaction leaves batches without records: on to the next.
      const isEmpty = batchByteLength(bytes, start) === HEADER_BYTES;
      if (this.#recordsLeft === 0 && isEmpty) continue;
      this.#unpack(start);
      this.#checkCount();
      return true;
    }
    return false;
  }

  /** Checks the number of records, as far as that needs no look at them. */
  #checkCount(): void {
    const count = this.#recordsLeft;
    const byteLength = this.#recordsEnd - this.#at;
    if (count > 0 && count * RECORD_BYTES_MIN <= byteLength) return;
    throw this.#corrupt(`it has ${byteLength} bytes for ${count} records`);
  }

  #checkCrc(start: number): void {
    const { bytes } = this.#range;
    const end = start + batchByteLength(bytes, start);
    const actual = crc32c(bytes.subarray(start + CRC_START, end));
    const expected = readCrc(bytes, start);
    if (actual !== expected) {
      throw this.#corrupt(`CRC-32C is ${actual}, expected ${expected}`);
    }
  }

  #unpack(start: number): void {
    const { bytes } = this.#range;
    const code = readAttributes(bytes, start) & COMPRESSION_MASK;
    const recordsStart = start + HEADER_BYTES;
    const end = start + batchByteLength(bytes, start);
    if (code === 0) {
      this.#bytes = bytes;
      this.#at = recordsStart;
      this.#recordsEnd = end;
      return;
    }
    try {
      this.#bytes = decompress(code, bytes.subarray(recordsStart, end));
    } catch (error) {
      const what = `its records cannot be unpacked: ${messageOf(error)}`;
      throw this.#corrupt(what, error);
    }
    this.#at = 0;
    this.#recordsEnd = this.#bytes.length;
  }

  #corrupt(what: string, cause?: unknown): WorldError {
    const { topic, partition } = this.#range;
    return new WorldError(
      `Cannot read topic "${topic}": the record batch at offset ` +
        `${this.#baseOffset} of partition ${partition} is corrupt, ${what}`,
      { cause },
    );
  }
}
