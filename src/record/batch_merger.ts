import { HEADER_BYTES, readRecordCount } from "./batch_header_reader.ts";
import { RecordBatchWriter } from "./record_batch_writer.ts";
import { VarintReader } from "./varint_reader.ts";

/** Merging goes up to this size: larger batches cost no less a byte. */
const MERGED_BYTES_MAX = 256 * 1024;
/** So little goes behind a larger one too, rather than wait for its answer: a mark, say. */
const APPENDED_BYTES_MAX = 16 * 1024;
/** By so much the offset delta of a record can grow, with its length, bytes. */
const GROWTH_PER_RECORD = 3;
const ATTRIBUTES_BYTES = 1;

/** Makes one record batch of several small ones. */
export class BatchMerger {
  readonly #writer = new RecordBatchWriter(Number.MAX_SAFE_INTEGER);
  readonly #varint = new VarintReader();
  readonly #maxRecordBytes: number;

  /** `maxRecordBytes` is the topic's `max.message.bytes`. */
  constructor(maxRecordBytes: number) {
    this.#maxRecordBytes = maxRecordBytes;
  }

  /** How many of the first batches fit into one; 1 for a large one. */
  mergeableCount(batches: readonly Buffer[]): number {
    const firstBytes = batches[0]?.length ?? 0;
    const wanted = Math.max(MERGED_BYTES_MAX, firstBytes + APPENDED_BYTES_MAX);
    const limit = Math.min(wanted, this.#maxRecordBytes);
    let mergedBytes = 0;
    let count = 0;
    for (const bytes of batches) {
      // The records of the first one stay as they are.
      const records = count === 0 ? 0 : readRecordCount(bytes, 0);
      mergedBytes += bytes.length + records * GROWTH_PER_RECORD;
      if (mergedBytes > limit) break;
      count++;
    }
    return Math.max(1, count);
  }

  /**
   * The batches, which must fit, as one; a single one comes back as it is.
   * The bytes are valid until the next call.
   */
  merge(batches: readonly Buffer[]): Buffer {
    const [first, ...others] = batches;
    if (others.length === 0) return first!;
    this.#writer.addFirst(first!, readRecordCount(first!, 0));
    for (const bytes of others) {
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
