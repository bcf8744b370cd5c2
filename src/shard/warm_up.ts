import { type ChunkPlace, placeOf } from "../record/chunk.ts";
import { ChunkWriter } from "../record/chunk_writer.ts";
import { FramePool } from "../record/frame_pool.ts";
import { ChunkScanner } from "../window/chunk_scanner.ts";
import type { RowPart, TaskMessage } from "../wire/messages.ts";
import { NO_ORDERS } from "../wire/orders.ts";
import { encodeTask } from "../wire/task_codec.ts";
import { createShard } from "./create_shard.ts";
import type { ShardOptions } from "./shard_options.ts";

/** About so many visits make V8 compile what a shard runs all the time. */
const TASKS = 21;
const TASK_VISITS = 512;
/** More than the visits of a task take, as records or as rows. */
const TASK_BYTES = 256 * 1024;
const VISITORS = 128;
/** Visits after which other visitors come. */
const CROWD_VISITS = 2048;
/** Visits in which a gap of event time passes. */
const GAP_VISITS = 2 * CROWD_VISITS;
const START_MS = Date.UTC(2024, 0, 1);
const GAP_MS = 600_000;

/**
 * Runs visits that nobody sent through a shard that nobody hears of, and where
 * there are several through a scanner before. V8 starts with slow code and
 * compiles what turns out to be hot, which takes this thread the first half
 * second: without this, the first visits of a run wait for it.
 */
export function warmUp(options: ShardOptions, create = createShard): void {
  const window = { ...options.window, gapMs: GAP_MS, maxSkewMs: null };
  // By key: so no visit is said to be another shard's.
  const shard = create({ ...options, window, shard: 0, routeBy: "key" });
  const { maxRecordBytes, shardCount } = options;
  const rules = { ...window, maxRecordBytes };
  const owners = { shardCount: 1, routeBy: "visit_id" } as const;
  const scanner = shardCount > 1 ? new ChunkScanner(rules, owners) : null;
  const out = new SharedArrayBuffer(TASK_BYTES);
  const pool = new FramePool();
  let spares: ArrayBuffer[] = [];
  for (let task = 0; task < TASKS; task++) {
    const first = task * TASK_VISITS;
    const chunk = chunkFrom(first, pool);
    const rows = scanner === null ? [] : rowsOf(scanner, chunk, out);
    // The last one closes all windows.
    const isLast = task === TASKS - 1;
    const message: TaskMessage = {
      envelope: encodeTask({
        ...{ sequence: task + 1, nowMs: 0, isFollowed: false, round: 0 },
        mergedWatermarkMs: isLast ? Infinity : timeMsOf(first) - 1,
        clocksMs: Float64Array.of(-Infinity),
        states: Uint8Array.of(1),
      }),
      ...{ chunks: scanner === null ? [chunk] : [], rows, spares },
      orders: NO_ORDERS,
    };
    const { payload } = shard.handle(message);
    spares = payload === null ? [] : [payload];
  }
}

/** The visits of a task, as a source has them. */
function chunkFrom(first: number, pool: FramePool): ChunkPlace {
  const options = { partition: 0, chunkBytes: TASK_BYTES, recordsMax: null };
  const writer = new ChunkWriter(pool, options);
  writer.expect(TASK_BYTES);
  for (let offset = first; offset < first + TASK_VISITS; offset++) {
    const bytes = Buffer.from(visitText(offset), "latin1");
    const place = { keyStart: 0, keyLength: -1, valueStart: 0 };
    const valueLength = bytes.length;
    const isWritten = writer.add({
      ...{ bytes, ...place, valueLength, offset, timestampMs: -1 },
    });
    if (!isWritten) throw new Error("Cannot warm up: a chunk is too small");
  }
  const chunk = writer.take(0);
  if (chunk === null) throw new Error("Cannot warm up: a chunk is empty");
  const place = placeOf(chunk, "warm-up");
  // It is applied before the next one takes the frame.
  chunk.release();
  return place;
}

/** The same as another thread has scanned them. */
function rowsOf(
  scanner: ChunkScanner,
  chunk: ChunkPlace,
  out: SharedArrayBuffer,
): RowPart[] {
  const { partition } = chunk;
  const answer = scanner.scan({ chunk, nowMs: 0, out, records: null });
  const { groups } = answer;
  const memory = answer.out ?? out;
  return Array.from({ length: groups.length / 4 }, (_, group) => {
    const [at, byteLength, count] = groups.subarray(4 * group + 1);
    return {
      ...{ partition, memory, records: null },
      ...{ at: at!, byteLength: byteLength!, count: count! },
    };
  });
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
