import { LatencyHistogram } from "../../src/observe/latency.ts";
import type { Arrival } from "./arrival_probe.ts";
import type { ClockSteps } from "./clock_steps.ts";
import { readSessions } from "./read_sessions.ts";
import { endMsOf } from "./session_end.ts";
import { WARM_UP_MS } from "./steady_latency.ts";

const OUT_OF_ORDERNESS_MS = 20 * 60_000;

/** What `closeLatency` found. */
export interface CloseLatency {
  readonly histogram: LatencyHistogram;
  /** Sessions that were due in the first 3 s, which do not count. */
  readonly warmUps: number;
}

/** What the sessions of a topic are held against. */
interface CloseLoad {
  readonly startMs: number;
  readonly steps: readonly ClockSteps[];
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
  load: CloseLoad,
): Promise<CloseLatency> {
  const appends: Arrival[] = [];
  await readSessions(brokers, topic, ({ headers, value, timestampMs }) => {
    const { revision, "close-reason": reason } = headers;
    if (revision !== "0" || reason !== "gap") return;
    appends.push([endMsOf(value), timestampMs]);
  });
  return latencyOf(appends, load);
}

/** The same to the arrival of the session at a reader. */
export function latencyOf(
  arrivals: readonly Arrival[],
  { startMs, steps }: CloseLoad,
): CloseLatency {
  const histogram = new LatencyHistogram();
  let warmUps = 0;
  for (const [endMs, atMs] of arrivals) {
    const causeMs = closeDueMs(steps, endMs);
    if (causeMs === null) {
      throw new Error(`Cannot tell what closed a session that ended ${endMs}`);
    }
    if (causeMs < startMs + WARM_UP_MS) warmUps++;
    else histogram.record(atMs - causeMs);
  }
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
