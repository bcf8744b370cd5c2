import { plainTask } from "../wire/plain_task.ts";
import { createShard } from "./create_shard.ts";
import type { ShardOptions } from "./shard_options.ts";

/** About so many visits make V8 compile what a shard runs all the time. */
const TASKS = 21;
const TASK_VISITS = 512;
const VISITORS = 128;
/** Visits after which other visitors come. */
const CROWD_VISITS = 2048;
/** Visits in which a gap of event time passes. */
const GAP_VISITS = 2 * CROWD_VISITS;
const START_MS = Date.UTC(2024, 0, 1);
const GAP_MS = 600_000;

/**
 * Runs visits that nobody sent through a shard that nobody hears of. V8 starts
 * with slow code and compiles what turns out to be hot, which takes this thread
 * the first half second: without this, the first visits of a run wait for it.
 */
export function warmUp(options: ShardOptions, create = createShard): void {
  const shard = create({
    ...options,
    shard: 0,
    shardCount: 1,
    window: { ...options.window, gapMs: GAP_MS, maxSkewMs: null },
  });
  let spares: ArrayBuffer[] = [];
  for (let task = 0; task < TASKS; task++) {
    const first = task * TASK_VISITS;
    const visits = Array.from({ length: TASK_VISITS }, (_, i) =>
      Buffer.from(visitText(first + i), "latin1"),
    );
    // The last one closes all windows.
    const isLast = task === TASKS - 1;
    const mergedWatermarkMs = isLast ? Infinity : timeMsOf(first) - 1;
    const header = { sequence: task + 1, mergedWatermarkMs };
    const message = plainTask(header, visits, first);
    const { payload } = shard.handle({ ...message, spares });
    spares = payload === null ? [] : [payload];
  }
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
