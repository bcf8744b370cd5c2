import { RecordBatchWriter } from "../../src/record/record_batch_writer.ts";

const NO_HEADERS = Buffer.from([0]);

/** A record batch of these values, without keys, not stamped yet. */
export function recordBatchOf(values: readonly string[]): Buffer {
  const writer = new RecordBatchWriter(1_000_000);
  for (const text of values) {
    const value = Buffer.from(text);
    writer.add({
      key: value,
      keyStart: 0,
      keyLength: -1,
      value,
      valueStart: 0,
      valueLength: value.length,
      headers: NO_HEADERS,
      headersLength: 1,
    });
  }
  return writer.take()[0]!.bytes;
}
