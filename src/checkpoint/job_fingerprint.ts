import type { WindowConfig } from "../config/config.ts";
import { formatDuration } from "../config/quantity_types.ts";

/** The rules that the windows of a log were made by. */
export interface Job {
  readonly gapMs: number;
  readonly allowedLatenessMs: number;
  readonly precision: string;
}

/** The rules of a run, as its marks say them. */
export function jobOf(window: WindowConfig): Job {
  const { gapMs, allowedLatenessMs, timePrecision } = window;
  return { gapMs, allowedLatenessMs, precision: timePrecision };
}

/** What another run would do otherwise, one text for each; none: it may go on. */
export function jobDifferences(theirs: Job, ours: Job): string[] {
  const texts: string[] = [];
  const compare = (option: string, theirs: string, ours: string) => {
    if (theirs === ours) return;
    texts.push(`${option} was ${theirs} and is ${ours} now`);
  };
  compare("--gap", durationText(theirs.gapMs), durationText(ours.gapMs));
  compare(
    "--allowed-lateness",
    durationText(theirs.allowedLatenessMs),
    durationText(ours.allowedLatenessMs),
  );
  compare("--time-precision", theirs.precision, ours.precision);
  return texts;
}

function durationText(ms: number): string {
  return Number.isSafeInteger(ms) ? formatDuration(ms) : String(ms);
}
