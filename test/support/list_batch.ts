import type { RecordBatch } from "../../src/record/record_batch.ts";

/** A batch of records without keys, with offsets in a row. */
export function listBatch(
  values: readonly string[],
  place: { partition: number; baseOffset: number },
): RecordBatch {
  const buffers = values.map((value) => Buffer.from(value));
  let next = 0;
  return {
    partition: place.partition,
    fetchedAtMs: 0,
    byteLength: buffers.reduce((sum, value) => sum + value.length, 0),
    next(cursor) {
      const bytes = buffers[next];
      if (bytes === undefined) return false;
      cursor.bytes = bytes;
      cursor.keyLength = -1;
      cursor.valueStart = 0;
      cursor.valueLength = bytes.length;
      cursor.offset = place.baseOffset + next++;
      cursor.timestampMs = -1;
      cursor.recordStart = -1;
      cursor.base.offset = place.baseOffset;
      cursor.base.timeMs = -1;
      return true;
    },
    release() {},
  };
}
