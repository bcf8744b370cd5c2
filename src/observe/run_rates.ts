import type { Progress } from "./run_summary.ts";

/** The least time between two samples, ms. */
const SAMPLE_MS = 500;
/** What rates are taken over, and what trends are, ms. */
const RATE_MS = 3_000;
const TREND_MS = 10_000;
/** A trend over less is a guess, ms. */
const TREND_MIN_MS = 2_000;
/** Samples further apart than this are of two stretches of work, ms. */
const BREAK_MS = 5_000;
/** One value of the history each, ms, and how many there are. */
const HISTORY_MS = 1_000;
const HISTORY_MAX = 60;

/** What rates are made of. */
export type RatedCounts = Pick<
  Progress,
  "visitsIn" | "sessions" | "lag" | "extent" | "elapsedMs"
>;

/**
 * What becomes of the records that wait: `keeping-up` when they are less than a
 * second's worth; `shrinking` with the time that it takes at the pace of the last
 * ten seconds; `growing` by so many a second (0 or more); `unknown` as long as
 * there is no telling.
 */
export type CatchUp =
  | { readonly kind: "keeping-up" | "unknown" }
  | { readonly kind: "shrinking"; readonly leftMs: number }
  | { readonly kind: "growing"; readonly perSecond: number };

const AT_THE_START: RatedCounts = {
  ...{ visitsIn: 0, sessions: 0, elapsedMs: 0 },
  ...{ lag: null, extent: null },
};

/** How fast a run goes, by how it stood in the last seconds. */
export class RunRates {
  #now = AT_THE_START;
  /** How it stood before, the oldest first. */
  #samples: RatedCounts[] = [AT_THE_START];
  /** Visits a second in each of the last seconds, the oldest first. */
  readonly history: number[] = [];
  #historySample: RatedCounts | null = AT_THE_START;

  /** To be called as often as wanted with how the run stands. */
  take(progress: RatedCounts): void {
    const { visitsIn, sessions, lag, extent, elapsedMs } = progress;
    const before = this.#now;
    const sample = { visitsIn, sessions, lag, extent, elapsedMs };
    this.#now = sample;
    const sinceMs = elapsedMs - before.elapsedMs;
    // A run that begins again reads what it has read before. And time counts anew
    // from the first visits on: what was seen before is of the start.
    const goesBack =
      sinceMs < 0 || (extent?.done ?? 0) < (before.extent?.done ?? 0);
    if (sinceMs > BREAK_MS || goesBack) this.#forget();
    const last = this.#samples.at(-1)?.elapsedMs ?? -Infinity;
    if (elapsedMs - last < SAMPLE_MS) return;
    this.#samples.push(sample);
    this.#keep(sample);
    const oldestMs = elapsedMs - TREND_MS;
    while (this.#samples[0]!.elapsedMs < oldestMs) this.#samples.shift();
  }

  get visitsPerSecond(): number {
    return this.#rate(({ visitsIn }) => visitsIn);
  }

  get sessionsPerSecond(): number {
    return this.#rate(({ sessions }) => sessions);
  }

  /** What becomes of the records that wait. */
  get catchUp(): CatchUp {
    const { lag } = this.#now;
    if (lag === null) return { kind: "unknown" };
    if (lag <= this.visitsPerSecond || lag === 0) return { kind: "keeping-up" };
    const perSecond = this.#trend(({ lag }) => lag);
    if (perSecond === null) return { kind: "unknown" };
    if (perSecond >= 0) return { kind: "growing", perSecond };
    return { kind: "shrinking", leftMs: (lag / -perSecond) * 1000 };
  }

  /** Until an input that ends is read; null when there is no telling. */
  get leftMs(): number | null {
    const { extent } = this.#now;
    const perSecond = this.#trend(({ extent }) => extent?.done ?? null);
    if (extent === null || perSecond === null || perSecond <= 0) return null;
    return ((extent.total - extent.done) / perSecond) * 1000;
  }

  #forget(): void {
    this.#samples = [];
    this.#historySample = null;
  }

  #keep(sample: RatedCounts): void {
    const since = this.#historySample;
    if (since !== null) {
      const ms = sample.elapsedMs - since.elapsedMs;
      if (ms < HISTORY_MS) return;
      this.history.push(((sample.visitsIn - since.visitsIn) / ms) * 1000);
      if (this.history.length > HISTORY_MAX) this.history.shift();
    }
    this.#historySample = sample;
  }

  /** Growth a second over the last ten; null while there is too little of them. */
  #trend(value: (sample: RatedCounts) => number | null): number | null {
    return this.#growth(value, { overMs: TREND_MS, leastMs: TREND_MIN_MS });
  }

  /** Growth a second over the last few, from the start on. */
  #rate(value: (sample: RatedCounts) => number): number {
    const growth = this.#growth(value, { overMs: RATE_MS, leastMs: 1 });
    return Math.max(0, growth ?? 0);
  }

  /** Growth a second, from the first sample of the window that knows the value. */
  #growth(
    value: (sample: RatedCounts) => number | null,
    window: { readonly overMs: number; readonly leastMs: number },
  ): number | null {
    const now = this.#now;
    const sinceMs = now.elapsedMs - window.overMs;
    const first = this.#samples.find(
      (each) => each.elapsedMs >= sinceMs && value(each) !== null,
    );
    const to = value(now);
    if (first === undefined || to === null) return null;
    const ms = now.elapsedMs - first.elapsedMs;
    return ms < window.leastMs ? null : ((to - value(first)!) / ms) * 1000;
  }
}
