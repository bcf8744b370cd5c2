import { LatencyHistogram } from "../../src/observe/latency.ts";
import type { Load } from "./load_probe.ts";
import { readSessions, type StoredSession } from "./read_sessions.ts";

const GAP_MS = 10 * 60_000;
const OUT_OF_ORDERNESS_MS = 20 * 60_000;
/** Sessions that were due this soon met code that was not compiled yet. */
const WARM_UP_MS = 5_000;

/**
 * From when the visit was due that moved the merged watermark to a session's
 * end, to the append of the session in the broker. The topic must stamp its
 * records with the time of their append.
 */
export async function closeLatency(
  brokers: string,
  topic: string,
  load: Load,
): Promise<LatencyHistogram> {
  const histogram = new LatencyHistogram();
  await readSessions(brokers, topic, (session) => {
    if (session.headers["close-reason"] !== "gap") return;
    const causeMs = closeDueMs(load, endMsOf(session));
    if (causeMs === null || causeMs < load.startMs + WARM_UP_MS) return;
    histogram.record(session.timestampMs - causeMs);
  });
  return histogram;
}

/** When the last partition's clock should have let a window end fire. */
function closeDueMs({ steps }: Load, endMs: number): number | null {
  let latestMs = 0;
  for (const ofPartition of steps) {
    const dueMs = firstDueMs(ofPartition, endMs + OUT_OF_ORDERNESS_MS);
    if (dueMs === null) return null;
    latestMs = Math.max(latestMs, dueMs);
  }
  return latestMs;
}

function firstDueMs(
  steps: readonly (readonly [number, number])[],
  clockMs: number,
): number | null {
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
