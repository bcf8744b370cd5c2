import { Random } from "../../src/generate/random.ts";
import { pickPage, VisitWriter } from "../../src/generate/visit_writer.ts";
import { type ChunkPlace, placeOf } from "../../src/record/chunk.ts";
import { fetchedChunk } from "../../src/record/frame_chunk.ts";
import { FramePool } from "../../src/record/frame_pool.ts";
import { RecordBatchWriter } from "../../src/record/record_batch_writer.ts";

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
  /** The values as lines, one behind the other. */
  readonly lines: Buffer;
  /** Without the line feed that follows. */
  readonly valueLengths: readonly number[];
  /** As a thread gets them of a topic. */
  readonly place: ChunkPlace;
}

const NO_HEADERS = Buffer.from([0]);
const POOL = new FramePool();

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
  const writer = new RecordBatchWriter(Number.MAX_SAFE_INTEGER);
  for (const value of values) {
    writer.add({
      ...{ key: value, keyStart: 0, keyLength: -1 },
      ...{ value, valueStart: 0, valueLength: value.length },
      ...{ headers: NO_HEADERS, headersLength: NO_HEADERS.length },
    });
  }
  const [{ bytes } = { bytes: NO_HEADERS }] = writer.take();
  const frame = POOL.take(bytes.length);
  bytes.copy(frame.bytes);
  const chunk = fetchedChunk(frame, {
    ...{ topic: "visits", partition: 0, fetchedAtMs: 0, starts: [0] },
    ...{ byteLength: bytes.length, firstOffset: 0, endOffset: Infinity },
  });
  return {
    lines: Buffer.from(values.map((value) => `${value}\n`).join("")),
    valueLengths: values.map((value) => value.length),
    place: placeOf(chunk, "visits"),
  };
}
