import type { Moment } from "../config/instant_types.ts";

/** What of a log counts: the intervals that begin in it; null for no bound. */
export interface TimeRange {
  readonly from: Moment | null;
  /** Not in it any more. */
  readonly to: Moment | null;
}

/** All of a log. */
export const ALL_TIMES: TimeRange = { from: null, to: null };

/** Whether an interval that begins at `atMs` counts, in a log of this start. */
export function isInRange(
  atMs: number,
  { from, to }: TimeRange,
  startMs: number,
): boolean {
  const isBehind = (moment: Moment) => atMs >= momentMs(moment, startMs);
  return (from === null || isBehind(from)) && (to === null || !isBehind(to));
}

function momentMs(moment: Moment, startMs: number): number {
  if (moment.kind === "instant") return moment.ms;
  return startMs + moment.seconds * 1000;
}
