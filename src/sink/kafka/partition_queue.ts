import {
  HEADER_BYTES,
  readRecordCount,
} from "../../record/batch_header_reader.ts";
import { RecordBatchWriter } from "../../record/record_batch_writer.ts";
import { VarintReader } from "../../record/varint_reader.ts";

/** A write that is acknowledged when its last batch is. */
export interface PendingWrite {
  batchesLeft: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/** What the queue gives out to be sent as one batch. */
export interface QueueHead {
  readonly bytes: Buffer;
  /** The writes that have a part in it. */
  readonly writes: readonly PendingWrite[];
}

/** A produce request takes one batch a partition: what waits is merged to this. */
const MERGED_BYTES_MAX = 256 * 1024;
/** By so much the offset delta of a record can grow, with its length, bytes. */
const GROWTH_PER_RECORD = 3;
const ATTRIBUTES_BYTES = 1;

/** Record batches that wait for their turn, of one partition. */
export class PartitionQueue {
  readonly #writer = new RecordBatchWriter(Number.MAX_SAFE_INTEGER);
  readonly #varint = new VarintReader();
  readonly #maxBatchBytes: number;
  #batches: Buffer[] = [];
  #writes: PendingWrite[] = [];

  /** `maxRecordBytes` is the topic's `max.message.bytes`. */
  constructor(maxRecordBytes: number) {
    this.#maxBatchBytes = Math.min(MERGED_BYTES_MAX, maxRecordBytes);
  }

  get isEmpty(): boolean {
    return this.#batches.length === 0;
  }

  /** Appends a batch, which stays as it is until its write is resolved. */
  push(bytes: Buffer, write: PendingWrite): void {
    this.#batches.push(bytes);
    this.#writes.push(write);
  }

  /**
   * Takes the first batch, or the first few in one when they are small. Its
   * bytes are valid until the next call.
   */
  shift(): QueueHead {
    const count = this.#mergeableCount();
    const batches = this.#batches.splice(0, count);
    const writes = this.#writes.splice(0, count);
    const bytes = count === 1 ? batches[0]! : this.#merge(batches);
    return { bytes, writes };
  }

  /** Empties the queue; returns the writes that were waiting. */
  clear(): readonly PendingWrite[] {
    const writes = this.#writes;
    this.#batches = [];
    this.#writes = [];
    return writes;
  }

  #mergeableCount(): number {
    let mergedBytes = 0;
    let count = 0;
    for (const bytes of this.#batches) {
      mergedBytes +=
        bytes.length + readRecordCount(bytes, 0) * GROWTH_PER_RECORD;
      if (mergedBytes > this.#maxBatchBytes) break;
      count++;
    }
    return Math.max(1, count);
  }

  #merge(batches: readonly Buffer[]): Buffer {
    for (const bytes of batches) {
      let at = HEADER_BYTES;
      while (at < bytes.length) at = this.#mergeRecord(bytes, at);
    }
    return this.#writer.take()[0]!.bytes;
  }

  /** Only the offset delta of a record changes, and with it its length. */
  #mergeRecord(bytes: Buffer, start: number): number {
    const varint = this.#varint;
    const bodyLength = varint.read(bytes, start);
    const bodyEnd = varint.end + bodyLength;
    varint.read(bytes, varint.end + ATTRIBUTES_BYTES); // Timestamp delta.
    varint.read(bytes, varint.end); // Offset delta.
    this.#writer.addTail(bytes, varint.end, bodyEnd);
    return bodyEnd;
  }
}
