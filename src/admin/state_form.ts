import type { RunState } from "../observe/run_view.ts";
import type { Sample } from "./samples.ts";

/** A time in ISO 8601; null for none, and for what a calendar cannot name. */
export function isoTime(ms: number | null): string | null {
  if (ms === null || !(Math.abs(ms) <= 8.64e15)) return null;
  return new Date(ms).toISOString();
}

/** How a run stands, as its JSON: no infinities, and times for people beside. */
export function stateForm({ state, trend }: Sample) {
  const { progress } = state;
  const watermarkMs = finiteOrNull(progress.watermarkMs);
  return {
    ...state,
    ...trend,
    now: isoTime(state.nowMs),
    progress: {
      ...progress,
      watermarkMs,
      watermark: isoTime(watermarkMs),
      isAtEnd: progress.watermarkMs === Infinity,
    },
    partitions: partitionForms(state),
  };
}

/** The partitions, with times for people. */
export function partitionForms({ partitions }: RunState) {
  return partitions.map((each) => ({
    ...each,
    clock: isoTime(each.clockMs),
    watermark: isoTime(each.watermarkMs),
  }));
}

function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
