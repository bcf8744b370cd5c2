import type { Chunk, ChunkPlace } from "../../src/record/chunk.ts";
import { placeOf } from "../../src/record/chunk.ts";
import {
  type FetchedBatches,
  fetchedChunk,
} from "../../src/record/frame_chunk.ts";
import { FramePool } from "../../src/record/frame_pool.ts";
import { RecordWalker } from "../../src/record/record_walker.ts";
import { type BuiltBatch, buildBatch } from "./record_batch_builder.ts";

/** The topic that the errors of these chunks name. */
export const TOPIC = "visits";
const POOL = new FramePool();

/** A record, copied out of its frame. */
export interface WalkedRecord {
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly timestampMs: number;
}

/** What a test says of a chunk, and who is told of its end. */
export interface ChunkRange extends Partial<FetchedBatches> {
  readonly onFree?: () => void;
}

/** A chunk of batches that lie in a frame with other bytes between them. */
export function chunkOf(
  batches: readonly BuiltBatch[],
  range: ChunkRange = {},
): Chunk {
  return chunkOfBytes(batches.map(buildBatch), range);
}

/** The same of batches that are bytes already. */
export function chunkOfBytes(
  batches: readonly Buffer[],
  { onFree, ...range }: ChunkRange = {},
): Chunk {
  const parts: Buffer[] = [];
  const starts: number[] = [];
  let at = 0;
  let byteLength = 0;
  for (const batch of batches) {
    parts.push(Buffer.alloc(7, 0xee), batch);
    starts.push(at + 7);
    at += 7 + batch.length;
    byteLength += batch.length;
  }
  const bytes = Buffer.concat([...parts, Buffer.alloc(5, 0xee)]);
  const frame = POOL.take(bytes.length);
  bytes.copy(frame.bytes);
  frame.onFree = onFree ?? null;
  const chunk = fetchedChunk(frame, {
    topic: TOPIC,
    partition: 3,
    fetchedAtMs: 0,
    starts,
    byteLength,
    firstOffset: 0,
    endOffset: Number.POSITIVE_INFINITY,
    ...range,
  });
  frame.release();
  return chunk;
}

/** Where a thread finds a chunk of batches, some of them bytes already. */
export function placedChunk(
  batches: readonly (BuiltBatch | Buffer)[],
  range: ChunkRange = {},
): ChunkPlace {
  const built = batches.map((batch) =>
    Buffer.isBuffer(batch) ? batch : buildBatch(batch),
  );
  return placeOf(chunkOfBytes(built, { partition: 0, ...range }), TOPIC);
}

/** The same of one batch of values without keys and times, offsets from 0. */
export function placedValues(
  values: readonly (string | Buffer | null)[],
  range: ChunkRange = {},
): ChunkPlace {
  const records = values.map((value) => ({ key: null, value }));
  return placedChunk([{ baseOffset: 0, baseTimestamp: -1, records }], range);
}

/** Copies out the wanted records of a chunk, without releasing it. */
export function walkChunk(chunk: Chunk): WalkedRecord[] {
  const walker = new RecordWalker();
  const { partition } = chunk;
  const { record } = walker;
  const records: WalkedRecord[] = [];
  walker.open(placeOf(chunk, TOPIC));
  while (walker.next()) {
    const { bytes, offset, timestampMs } = walker;
    const key = text(bytes, record.keyStart, record.keyLength);
    const value = text(bytes, record.valueStart, record.valueLength);
    records.push({ partition, offset, key, value, timestampMs });
  }
  return records;
}

function text(bytes: Buffer, start: number, length: number): string | null {
  return length < 0 ? null : bytes.toString("utf8", start, start + length);
}
