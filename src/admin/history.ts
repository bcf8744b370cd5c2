import { type CatchUp, RunRates } from "../observe/run_rates.ts";
import type { RunState } from "../observe/run_view.ts";

/** How many samples are kept: ten minutes of them. */
const SAMPLES_MAX = 600;
/** The least time between two of them, ms. */
const STEP_MS = 500;
/** Samples whose longest delay counts: those of a minute. */
const DELAY_SAMPLES = 60;

/** How fast a run is. */
export interface Rates {
  readonly visitsPerSecond: number;
  readonly sessionsPerSecond: number;
}

/** What follows from several states; see `RunRates`. */
export interface Trend {
  readonly rates: Rates;
  /** Records that are not read yet, of all partitions; null while not known. */
  readonly lag: number | null;
  /** What becomes of them: see `CatchUp`. */
  readonly lagTrend: CatchUp["kind"];
  /** Until the lag is gone, as it shrinks now; null when it does not, or is unknown. */
  readonly catchUpMs: number | null;
  /** The wall clock less the watermark; null before the first and behind the last. */
  readonly watermarkLagMs: number | null;
}

/** One moment of a run. */
interface Moment {
  readonly atMs: number;
  readonly visits: number;
  readonly sessions: number;
  readonly lag: number | null;
  readonly watermarkLagMs: number | null;
  readonly delayMaxMs: number;
  /** Of the time since the moment before. */
  readonly visitsPerSecond: number;
  readonly sessionsPerSecond: number;
}

/** The last ten minutes, column by column. */
export interface HistoryColumns {
  /** Wall clock, ms. */
  readonly atMs: number[];
  readonly visitsPerSecond: number[];
  readonly sessionsPerSecond: number[];
  readonly lag: (number | null)[];
  readonly watermarkLagMs: (number | null)[];
}

/** Keeps what a run did in the last ten minutes. */
export class History {
  readonly #moments: Moment[] = [];
  readonly #rates = new RunRates();
  /** Of states that had no part in a moment yet. */
  #delayMaxMs = 0;

  /** Takes the next state; one that comes too soon after the last has no part. */
  add(state: RunState): void {
    const { progress, nowMs } = state;
    const delayMaxMs = state.process.eventLoopDelayMs.max;
    this.#rates.take(progress);
    this.#delayMaxMs = Math.max(this.#delayMaxMs, delayMaxMs);
    const last = this.#moments.at(-1);
    if (last !== undefined && nowMs - last.atMs < STEP_MS) return;
    const seconds = last === undefined ? 0 : (nowMs - last.atMs) / 1000;
    const rate = (now: number, before: number | undefined) =>
      seconds > 0 ? Math.max(0, now - (before ?? 0)) / seconds : 0;
    this.#moments.push({
      atMs: nowMs,
      visits: progress.visitsIn,
      sessions: progress.sessions,
      lag: progress.lag,
      watermarkLagMs: watermarkLagMs(state),
      delayMaxMs: this.#delayMaxMs,
      visitsPerSecond: rate(progress.visitsIn, last?.visits),
      sessionsPerSecond: rate(progress.sessions, last?.sessions),
    });
    this.#delayMaxMs = 0;
    if (this.#moments.length > SAMPLES_MAX) this.#moments.shift();
  }

  /** What the states up to this one say together. */
  trend(state: RunState): Trend {
    const { visitsPerSecond, sessionsPerSecond, catchUp } = this.#rates;
    return {
      rates: { visitsPerSecond, sessionsPerSecond },
      lag: state.progress.lag,
      lagTrend: catchUp.kind,
      catchUpMs: catchUpMs(catchUp),
      watermarkLagMs: watermarkLagMs(state),
    };
  }

  /** The longest time that main's event loop was held up in the last minute, ms. */
  get delayMaxMs(): number {
    const moments = this.#moments.slice(-DELAY_SAMPLES);
    return moments.reduce((max, each) => Math.max(max, each.delayMaxMs), 0);
  }

  /** All that is kept and later than `sinceMs`. */
  columns(sinceMs: number): HistoryColumns {
    const moments = this.#moments.filter(({ atMs }) => atMs > sinceMs);
    return {
      atMs: moments.map(({ atMs }) => atMs),
      visitsPerSecond: moments.map((each) => each.visitsPerSecond),
      sessionsPerSecond: moments.map((each) => each.sessionsPerSecond),
      lag: moments.map(({ lag }) => lag),
      watermarkLagMs: moments.map((each) => each.watermarkLagMs),
    };
  }
}

/** 0 where it keeps up; null where it falls behind, or there is no telling. */
function catchUpMs(catchUp: CatchUp): number | null {
  if (catchUp.kind === "keeping-up") return 0;
  return catchUp.kind === "shrinking" ? catchUp.leftMs : null;
}

function watermarkLagMs({ progress, nowMs }: RunState): number | null {
  const { watermarkMs } = progress;
  return Number.isFinite(watermarkMs) ? nowMs - watermarkMs : null;
}
