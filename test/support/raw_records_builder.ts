import type { RawRecords } from "../../src/window/visit_columns.ts";

/** Raw records of partition 0, back to back, offsets from 0, without keys. */
export function buildRawRecords(
  records: readonly (string | Buffer | null)[],
): RawRecords {
  const values = records.map((record) =>
    typeof record === "string" ? Buffer.from(record) : record,
  );
  return {
    bytes: Buffer.concat(values.filter((value) => value !== null)),
    count: values.length,
    keyLengths: null,
    valueLengths: Int32Array.from(values, (value) => value?.length ?? -1),
    runPartitions: Int32Array.of(0),
    runCounts: Int32Array.of(values.length),
    runBaseOffsets: Float64Array.of(0),
    offsetDeltas: Int32Array.from(values, (_, index) => index),
    timestampsMs: null,
  };
}
