import { HEADER_BYTES } from "./batch_header_reader.ts";
import { writeBatchHeader } from "./record_batch_header.ts";
import { sizedByteLength, varintByteLength, writeVarint } from "./varint.ts";

/** Batches are closed at this size even where the topic takes larger ones. */
const PREFERRED_BATCH_BYTES = 1024 * 1024;
const INITIAL_BYTES = 16 * 1024;
/** A buffer that one huge record has grown past this is not kept. */
const KEPT_BYTES = 4 * 1024 * 1024;
/** Attributes and timestamp delta of every record: both zero. */
const FIXED_RECORD_BYTES = 2;

/** One record to write. Its owner reuses it. */
export interface RecordParts {
  key: Buffer;
  keyStart: number;
  /** -1 for a null key. */
  keyLength: number;
  value: Buffer;
  valueStart: number;
  /** -1 for a null value. */
  valueLength: number;
  /** Number of headers as a varint, then each with its name and value. */
  headers: Buffer;
  headersLength: number;
}

/** A record without key, value and headers, for its owner to fill. */
export function emptyRecord(): RecordParts {
  return {
    key: Buffer.alloc(0),
    keyStart: 0,
    keyLength: 0,
    value: Buffer.alloc(0),
    valueStart: 0,
    valueLength: 0,
    headers: Buffer.alloc(1), // The number of headers: none.
    headersLength: 1,
  };
}

/** One complete record batch, without a producer's stamp. */
export interface EncodedBatch {
  readonly bytes: Buffer;
  readonly count: number;
}

/**
 * Writes records as Kafka record batches (v2) into one growing buffer that is
 * used again: no object a record, a CRC a batch.
 */
export class RecordBatchWriter {
  readonly #maxBatchBytes: number;
  #bytes: Buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  #length = 0;
  #batchStart = 0;
  #count = 0;
  #batchEnds: number[] = [];
  #batchCounts: number[] = [];
  #taken = false;

  /** `maxBatchBytes` is the topic's `max.message.bytes`. */
  constructor(maxBatchBytes: number) {
    this.#maxBatchBytes = maxBatchBytes;
  }

  /** Bytes written since the last `take`. */
  get byteLength(): number {
    return this.#taken ? 0 : this.#length;
  }

  /** Appends a record; false when it is too large for a batch of its own. */
  add(parts: RecordParts): boolean {
    const tailLength =
      sizedByteLength(parts.keyLength) +
      sizedByteLength(parts.valueLength) +
      parts.headersLength;
    if (!this.#startRecord(tailLength)) return false;
    const { key, keyStart, keyLength, value, valueStart, valueLength } = parts;
    this.#writeSized(key, keyStart, keyLength);
    this.#writeSized(value, valueStart, valueLength);
    this.#copy(parts.headers, 0, parts.headersLength);
    return true;
  }

  /**
   * Begins with all records of another batch, as they stand. Throws when there
   * are records already.
   */
  addFirst(batch: Buffer, count: number): void {
    if (this.#taken) this.#reset();
    if (this.#length > 0) {
      throw new Error("Cannot begin with a batch: there are records before it");
    }
    this.#reserve(batch.length);
    this.#batchStart = 0;
    this.#copy(batch, 0, batch.length);
    this.#count = count;
  }

  /**
   * Appends a record of another batch, of which `bytes[start, end)` is all
   * that follows the offset delta; false when it is too large.
   */
  addTail(bytes: Buffer, start: number, end: number): boolean {
    if (!this.#startRecord(end - start)) return false;
    this.#copy(bytes, start, end);
    return true;
  }

  /** The batches since the last `take`; valid until the next record. */
  take(): readonly EncodedBatch[] {
    if (this.#taken) return [];
    this.#closeBatch();
    this.#taken = true;
    let start = 0;
    return this.#batchEnds.map((end, index) => {
      const bytes = this.#bytes.subarray(start, end);
      start = end;
      return { bytes, count: this.#batchCounts[index]! };
    });
  }

  /** Writes what stands before the tail of a record, makes room for both. */
  #startRecord(tailLength: number): boolean {
    if (this.#taken) this.#reset();
    let bodyLength = this.#bodyLength(tailLength);
    let recordLength = varintByteLength(bodyLength) + bodyLength;
    const batchLength = this.#length - this.#batchStart;
    if (this.#count > 0 && batchLength + recordLength > this.#batchLimit()) {
      this.#closeBatch();
      bodyLength = this.#bodyLength(tailLength);
      recordLength = varintByteLength(bodyLength) + bodyLength;
    }
    if (this.#count === 0) {
      if (HEADER_BYTES + recordLength > this.#maxBatchBytes) return false;
      this.#batchStart = this.#length;
      this.#reserve(HEADER_BYTES + recordLength);
      this.#length += HEADER_BYTES;
    } else {
      this.#reserve(recordLength);
    }
    const bytes = this.#bytes;
    let at = writeVarint(bytes, this.#length, bodyLength);
    bytes[at++] = 0;
    bytes[at++] = 0;
    this.#length = writeVarint(bytes, at, this.#count++);
    return true;
  }

  #bodyLength(tailLength: number): number {
    return FIXED_RECORD_BYTES + varintByteLength(this.#count) + tailLength;
  }

  #batchLimit(): number {
    return Math.min(this.#maxBatchBytes, PREFERRED_BATCH_BYTES);
  }

  #writeSized(source: Buffer, start: number, length: number): void {
    this.#length = writeVarint(this.#bytes, this.#length, length);
    if (length > 0) this.#copy(source, start, start + length);
  }

  #copy(source: Buffer, start: number, end: number): void {
    source.copy(this.#bytes, this.#length, start, end);
    this.#length += end - start;
  }

  #closeBatch(): void {
    if (this.#count === 0) return;
    const batch = this.#bytes.subarray(this.#batchStart, this.#length);
    writeBatchHeader(batch, this.#count);
    this.#batchEnds.push(this.#length);
    this.#batchCounts.push(this.#count);
    this.#count = 0;
  }

  #reserve(byteLength: number): void {
    const needed = this.#length + byteLength;
    if (needed <= this.#bytes.length) return;
    const grown = Buffer.allocUnsafeSlow(
      Math.max(needed, this.#bytes.length * 2),
    );
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }

  #reset(): void {
    this.#taken = false;
    this.#length = 0;
    this.#batchEnds = [];
    this.#batchCounts = [];
    if (this.#bytes.length > KEPT_BYTES) {
      this.#bytes = Buffer.allocUnsafeSlow(INITIAL_BYTES);
    }
  }
}
