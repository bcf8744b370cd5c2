import { type ChunkPlace, placeOf } from "../record/chunk.ts";
import { ChunkWriter, plainRecord } from "../record/chunk_writer.ts";
import { FramePool } from "../record/frame_pool.ts";
import type { ShardOptions } from "./shard_options.ts";

/** About so many visits make V8 compile what a shard runs all the time. */
const TASKS = 8;
const TASK_VISITS = 512;
/** More than the visits of a task take, as records or as rows. */
export const TASK_BYTES = 256 * 1024;
const VISITORS = 128;
/** Visits after which other visitors come. */
const CROWD_VISITS = 1024;
/** Visits in which a gap of event time passes. */
const GAP_VISITS = 2 * CROWD_VISITS;
const START_MS = Date.UTC(2024, 0, 1);
/** The gap that closes some of the windows on the way. */
export const GAP_MS = 600_000;

/** A part of what threads warm up with. */
export interface WarmUpTask {
  /** Visits that nobody sent, in memory that all threads share. */
  readonly chunk: ChunkPlace;
  readonly watermarkMs: number;
}

/** What a thread is told before its first task. */
export interface ReadyMessage {
  readonly options: ShardOptions;
  /** None: it is not warmed up. */
  readonly tasks: readonly WarmUpTask[];
}

/** What all threads warm up with. To make it takes longer than to apply it. */
export function warmUpTasks(): WarmUpTask[] {
  const pool = new FramePool();
  return Array.from({ length: TASKS }, (_, task) => {
    const first = task * TASK_VISITS;
    // The last one closes all windows.
    const isLast = task === TASKS - 1;
    const watermarkMs = isLast ? Infinity : timeMsOf(first) - 1;
    return { chunk: chunkFrom(first, pool), watermarkMs };
  });
}

/** The visits from this one on, as a source has them. */
function chunkFrom(first: number, pool: FramePool): ChunkPlace {
  const options = { partition: 0, chunkBytes: TASK_BYTES, recordsMax: null };
  const writer = new ChunkWriter(pool, options);
  writer.expect(TASK_BYTES);
  // One text and one record for all of them: this runs while V8 is still slow.
  const texts = Array.from({ length: TASK_VISITS }, (_, i) =>
    visitText(first + i),
  );
  const record = plainRecord();
  record.bytes = Buffer.from(texts.join(""), "latin1");
  for (const [i, { length }] of texts.entries()) {
    record.offset = first + i;
    record.valueLength = length;
    if (!writer.add(record)) {
      throw new Error("Cannot warm up: a chunk is too small");
    }
    record.valueStart += length;
  }
  const chunk = writer.take(0);
  if (chunk === null) throw new Error("Cannot warm up: a chunk is empty");
  return placeOf(chunk, "warm-up");
}

function timeMsOf(visit: number): number {
  return START_MS + Math.floor((visit * GAP_MS) / GAP_VISITS);
}

/** A visit as our generator and the job that we replace write it. */
function visitText(visit: number): string {
  const visitor = `${Math.floor(visit / CROWD_VISITS)}_${(visit * 37) % VISITORS}`;
  return (
    `{"visit_id":"visitor_${visitor}","event_time":"${timeText(visit)}",` +
    `"user_id":"user_${visitor}_0f2b8c1e-77a4-4d6e-9a55-3c1d2e4f5a6b",` +
    `"page":"page_${visit % 23}","context":{"referral":null,"browser":"Firefox"}}`
  );
}

/** The second whose text was written last: visits of a second share it. */
let textSecond = 0;
let secondText = "";

function timeText(visit: number): string {
  const second = Math.floor(timeMsOf(visit) / 1000);
  if (second !== textSecond) {
    textSecond = second;
    secondText = `${new Date(second * 1000).toISOString().slice(0, 19)}+00:00`;
  }
  return secondText;
}
