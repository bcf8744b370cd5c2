import { hgrmText, hlogHeader, hlogLine } from "../observe/histogram_texts.ts";
import { LatencyHistogram, type Percentiles } from "../observe/latency.ts";
import type { LatencyDelta, LatencyName } from "../observe/run_view.ts";
import { type CurvePoint, latencyCurve } from "./latency_curve.ts";

const MINUTE_MS = 60_000;
/** Length of an interval of the logs, ms, and how many are kept: ten minutes. */
const INTERVAL_MS = 5_000;
const INTERVALS_MAX = 120;

/** From when on latencies are looked at: the start, the last reset, a minute ago. */
export const SPANS = ["start", "reset", "minute"] as const;

/** One of `SPANS`. */
export type Span = (typeof SPANS)[number];

/** What the latencies of one name and one span say; times in ms. */
export interface LatencySummary extends Percentiles {
  readonly name: LatencyName;
  readonly span: Span;
  /** Wall clock, ms: where the span begins. */
  readonly sinceMs: number;
  readonly minMs: number;
  readonly meanMs: number;
  readonly p99999Ms: number;
}

/** The same with its curve: percentile and latency in ms. */
export interface LatencyPlot extends LatencySummary {
  readonly points: readonly CurvePoint[];
}

/** All that is kept of one name. */
interface View {
  readonly start: LatencyHistogram;
  reset: LatencyHistogram;
  /** What was taken in the last minute, and when. */
  recent: { readonly atMs: number; readonly counts: Float64Array }[];
  /** What was taken since the last line. */
  interval: LatencyHistogram;
  readonly lines: string[];
}

/**
 * The latencies of a run: since its start, since the last reset, in the last
 * minute, and an interval of five seconds a line. Memory is bounded: intervals
 * are kept as the packed text that they end up in.
 */
export class LatencyViews {
  readonly #startMs: number;
  readonly #views = new Map<LatencyName, View>();
  /** What was asked for since something was taken: made once for all who ask. */
  readonly #made = new Map<string, unknown>();
  #resetMs: number;
  #intervalStartMs: number;
  #nowMs: number;

  /** `startMs`: wall clock, as of all times here. */
  constructor(startMs: number) {
    this.#startMs = startMs;
    this.#resetMs = startMs;
    this.#intervalStartMs = startMs;
    this.#nowMs = startMs;
  }

  /** Names of what is measured, recorded or not. */
  get names(): LatencyName[] {
    return [...this.#views.keys()];
  }

  /** Wall clock of the last reset, ms. */
  get resetMs(): number {
    return this.#resetMs;
  }

  /** Takes what was recorded since it was called last. */
  add(deltas: readonly LatencyDelta[], nowMs: number): void {
    this.#nowMs = nowMs;
    this.#made.clear();
    for (const { name, counts } of deltas) {
      const view = this.#viewOf(name);
      if (counts.length === 0) continue;
      view.start.add(counts);
      view.reset.add(counts);
      view.interval.add(counts);
      view.recent.push({ atMs: nowMs, counts });
    }
    for (const view of this.#views.values()) {
      view.recent = view.recent.filter(({ atMs }) => atMs > nowMs - MINUTE_MS);
    }
    if (nowMs - this.#intervalStartMs >= INTERVAL_MS) this.#endInterval(nowMs);
  }

  /** Begins the span `reset` anew. */
  reset(nowMs: number): void {
    this.#resetMs = nowMs;
    this.#made.clear();
    for (const view of this.#views.values()) {
      view.reset = new LatencyHistogram();
    }
  }

  /** In short. */
  summary(name: LatencyName, span: Span): LatencySummary {
    return this.#once(`summary ${name} ${span}`, () =>
      summaryOf(this.#histogram(name, span), this.#head(name, span)),
    );
  }

  /** With the points of its curve. */
  plot(name: LatencyName, span: Span): LatencyPlot {
    return this.#once(`plot ${name} ${span}`, () => {
      const points = latencyCurve(this.#histogram(name, span));
      return { ...this.summary(name, span), points };
    });
  }

  /** As a `.hgrm` file. */
  hgrm(name: LatencyName, span: Span): string {
    return this.#once(`hgrm ${name} ${span}`, () =>
      hgrmText(this.#histogram(name, span)),
    );
  }

  /** The intervals of the last ten minutes that are over, as a `.hlog` file. */
  hlog(name: LatencyName): string {
    const lines = this.#views.get(name)?.lines ?? [];
    return hlogHeader(this.#startMs) + lines.join("");
  }

  #once<Value>(key: string, make: () => Value): Value {
    if (!this.#made.has(key)) this.#made.set(key, make());
    return this.#made.get(key) as Value;
  }

  #head(name: LatencyName, span: Span) {
    const begins = {
      start: this.#startMs,
      reset: this.#resetMs,
      minute: Math.max(this.#startMs, this.#nowMs - MINUTE_MS),
    };
    return { name, span, sinceMs: begins[span] };
  }

  #histogram(name: LatencyName, span: Span): LatencyHistogram {
    const view = this.#viewOf(name);
    if (span !== "minute") return view[span];
    const minute = new LatencyHistogram();
    for (const { counts } of view.recent) minute.add(counts);
    return minute;
  }

  #endInterval(nowMs: number): void {
    const fromMs = this.#intervalStartMs - this.#startMs;
    const toMs = nowMs - this.#startMs;
    this.#intervalStartMs = nowMs;
    for (const view of this.#views.values()) {
      view.lines.push(hlogLine(view.interval, { fromMs, toMs }));
      if (view.lines.length > INTERVALS_MAX) view.lines.shift();
      view.interval = new LatencyHistogram();
    }
  }

  #viewOf(name: LatencyName): View {
    let view = this.#views.get(name);
    if (view === undefined) {
      view = {
        start: new LatencyHistogram(),
        reset: new LatencyHistogram(),
        recent: [],
        interval: new LatencyHistogram(),
        lines: [],
      };
      this.#views.set(name, view);
    }
    return view;
  }
}

function summaryOf(
  latency: LatencyHistogram,
  head: Pick<LatencySummary, "name" | "span" | "sinceMs">,
): LatencySummary {
  const { histogram } = latency;
  const percentiles = latency.percentiles();
  const { count, maxMs } = percentiles;
  const p99999Us = histogram.getValueAtPercentile(99.999);
  return {
    ...head,
    ...percentiles,
    minMs: count === 0 ? 0 : histogram.minNonZeroValue / 1000,
    meanMs: count === 0 ? 0 : histogram.mean / 1000,
    p99999Ms: Math.min(p99999Us / 1000, maxMs),
  };
}
