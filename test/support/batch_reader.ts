import {
  type RecordBatchRange,
  RecordBatchReader,
} from "../../src/record/record_batch_reader.ts";
import { type BuiltBatch, buildBatch } from "./record_batch_builder.ts";

/** A reader over batches that stand one behind the other in a frame. */
export function readerOf(
  batches: readonly BuiltBatch[],
  range: Partial<RecordBatchRange> = {},
): RecordBatchReader {
  const built = batches.map(buildBatch);
  const starts: number[] = [];
  let at = 7;
  for (const { length } of built) {
    starts.push(at);
    at += length;
  }
  return new RecordBatchReader({
    topic: "visits",
    partition: 3,
    fetchedAtMs: 0,
    bytes: Buffer.concat([Buffer.alloc(7), ...built, Buffer.alloc(5)]),
    starts,
    byteLength: at - 7,
    firstOffset: 0,
    endOffset: Number.POSITIVE_INFINITY,
    release: () => {},
    ...range,
  });
}
