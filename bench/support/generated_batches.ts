import { Random } from "../../src/generate/random.ts";
import { pickPage, VisitWriter } from "../../src/generate/visit_writer.ts";
import type { RawRecords } from "../../src/kernel/host/visit_columns.ts";
import { plainRecords } from "../../src/wire/plain_task.ts";

/** Batches that a bench goes through in a round. */
export const BATCHES = 64;
/** Records in each of them. */
export const RECORDS_PER_BATCH = 512;
/** First event time of the records, ms. */
export const START_MS = Date.UTC(2024, 5, 1);

/** Rewrites a record into another shape before it is measured. */
export type Shape = (json: string, index: number) => string;

/** Some records, in the forms in which they are on their way. */
export interface GeneratedBatch {
  /** The values, one behind the other. */
  readonly bytes: Buffer;
  readonly valueLengths: readonly number[];
  /** As a shard gets them. */
  readonly raw: RawRecords;
}

/** Batches of generated records in a shape. */
export function makeBatches(shape: Shape): GeneratedBatch[] {
  const writer = new VisitWriter(1, START_MS);
  const random = new Random(1);
  const buffer = Buffer.alloc(4096);
  return Array.from({ length: BATCHES }, (_, batch) => {
    const values = Array.from({ length: RECORDS_PER_BATCH }, (_, row) => {
      const index = batch * RECORDS_PER_BATCH + row;
      const eventSeconds = START_MS / 1000 + Math.floor(index / 80);
      const serial = random.below(50_000);
      const visit = { serial, eventSeconds, page: pickPage(random) };
      const end = writer.write(buffer, 0, visit);
      return Buffer.from(shape(buffer.toString("utf8", 0, end), index));
    });
    return batchOf(values);
  });
}

function batchOf(values: readonly Buffer[]): GeneratedBatch {
  const records = Buffer.from(plainRecords(values));
  return {
    bytes: Buffer.concat(values),
    valueLengths: values.map((value) => value.length),
    raw: {
      bytes: records,
      runPartitions: Int32Array.of(0),
      runCounts: Int32Array.of(values.length),
      runByteLengths: Int32Array.of(records.length),
      runBaseOffsets: Float64Array.of(0),
      runBaseTimesMs: Float64Array.of(-1),
      runAppendTimes: Uint8Array.of(0),
    },
  };
}
