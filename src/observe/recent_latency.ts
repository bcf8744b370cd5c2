import { LatencyHistogram, type LatencyReader } from "./latency.ts";
import type { RecentPercentiles } from "./run_summary.ts";

/** Looks that make up what is recent, and the least time between two, ms. */
const LOOKS = 10;
const LOOK_MS = 1_000;

/** The percentiles of what a histogram has recorded in about the last ten seconds. */
export class RecentLatency {
  readonly #reader: LatencyReader;
  /** What each of the last looks has found, the oldest first. */
  readonly #looks: Float64Array[] = [];
  #lookedAtMs = -Infinity;
  #percentiles: RecentPercentiles = { count: 0, p50Ms: 0, p99Ms: 0 };

  constructor(histogram: LatencyHistogram) {
    this.#reader = histogram.reader();
  }

  /** To be called now and then: looks once a second at most. */
  at(nowMs: number): RecentPercentiles {
    if (nowMs - this.#lookedAtMs >= LOOK_MS) {
      this.#lookedAtMs = nowMs;
      this.#look();
    }
    return this.#percentiles;
  }

  #look(): void {
    const looks = this.#looks;
    looks.push(this.#reader.take());
    if (looks.length > LOOKS) looks.shift();
    const recent = new LatencyHistogram();
    for (const counts of looks) recent.add(counts);
    const { count, p50Ms, p99Ms } = recent.percentiles();
    this.#percentiles = { count, p50Ms, p99Ms };
  }
}
