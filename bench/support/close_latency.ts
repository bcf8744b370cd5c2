import { LatencyHistogram } from "../../src/observe/latency.ts";
import type { ClockSteps } from "./clock_steps.ts";
import { readSessions, type StoredSession } from "./read_sessions.ts";
import { WARM_UP_MS } from "./steady_latency.ts";

const GAP_MS = 10 * 60_000;
const OUT_OF_ORDERNESS_MS = 20 * 60_000;

/** What `closeLatency` found. */
export interface CloseLatency {
  readonly histogram: LatencyHistogram;
  /** Sessions that were due in the first 3 s, which do not count. */
  readonly warmUps: number;
}

/**
 * From when the visit was due that moved the merged watermark to a session's
 * end, to the append of the session in the broker. The topic must stamp its
 * records with the time of their append. Only the first firing of a session
 * counts, and none that was due while the run warmed up.
 */
export async function closeLatency(
  brokers: string,
  topic: string,
  load: { readonly startMs: number; readonly steps: readonly ClockSteps[] },
): Promise<CloseLatency> {
  const histogram = new LatencyHistogram();
  let warmUps = 0;
  await readSessions(brokers, topic, (session) => {
    const { revision, "close-reason": reason } = session.headers;
    if (revision !== "0" || reason !== "gap") return;
    const causeMs = closeDueMs(load.steps, endMsOf(session));
    if (causeMs === null) {
      throw new Error(`Cannot tell what closed a session: ${session.value}`);
    }
    if (causeMs < load.startMs + WARM_UP_MS) warmUps++;
    else histogram.record(session.timestampMs - causeMs);
  });
  return { histogram, warmUps };
}

/** When the last partition's clock should have let a window end fire. */
function closeDueMs(
  steps: readonly ClockSteps[],
  endMs: number,
): number | null {
  let latestMs = 0;
  for (const ofPartition of steps) {
    const dueMs = firstDueMs(ofPartition, endMs + OUT_OF_ORDERNESS_MS);
    if (dueMs === null) return null;
    latestMs = Math.max(latestMs, dueMs);
  }
  return latestMs;
}

function firstDueMs(steps: ClockSteps, clockMs: number): number | null {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (steps[middle]![0] < clockMs) low = middle + 1;
    else high = middle;
  }
  return steps[low]?.[1] ?? null;
}

/** Generated times are in whole seconds, and none has another offset. */
function endMsOf({ value }: StoredSession): number {
  const { end_time } = JSON.parse(value) as { end_time: string };
  return Date.parse(end_time) + GAP_MS;
}
