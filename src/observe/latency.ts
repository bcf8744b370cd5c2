import type { Histogram } from "hdr-histogram-js";
// Alone: the main module of the package has its readers and writers, too, which
// take a start some 10 ms.
import histogramModule from "hdr-histogram-js/dist/Float64Histogram.js";

const Float64Histogram = histogramModule.default;
type Float64Histogram = InstanceType<typeof Float64Histogram>;

const HIGHEST_US = 3_600_000_000;
const DIGITS = 3;
const NOTHING = new Float64Array(0);

/** What a latency histogram says in short; times in ms, 0 when empty. */
export interface Percentiles {
  readonly count: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly p9999Ms: number;
  readonly maxMs: number;
}

/**
 * Counts latencies from 1 µs to 1 h with three digits, in a fixed 190 kB
 * whatever is recorded, and as much for each reader. Shorter and longer ones
 * count as these bounds.
 */
export class LatencyHistogram {
  // Counts of 32 bits would be full after an hour at 1 M visits/s.
  readonly #histogram = new Float64Histogram(1, HIGHEST_US, DIGITS);

  /** Number of recorded latencies. */
  get count(): number {
    return this.#histogram.totalCount;
  }

  /** The histogram itself, in µs, for writers of its formats. */
  get histogram(): Histogram {
    return this.#histogram;
  }

  /** Reads what is recorded in intervals of its own, from the start on. */
  reader(): LatencyReader {
    return new LatencyReader(this.#histogram);
  }

  /** Records a latency in ms, once or `count` times. */
  record(ms: number, count = 1): void {
    if (count <= 0) return;
    const us = Math.min(HIGHEST_US, Math.max(1, Math.round(ms * 1000)));
    this.#histogram.recordValueWithCount(us, count);
  }

  /** Adds what another histogram counted. */
  merge(other: LatencyHistogram): void {
    this.#histogram.add(other.#histogram);
  }

  /** Adds counts that a reader has taken. */
  add(counts: Float64Array): void {
    for (let i = 0; i < counts.length; i += 2) {
      this.#histogram.recordValueWithCount(counts[i]!, counts[i + 1]!);
    }
  }

  /** The usual percentiles, ms. */
  percentiles(): Percentiles {
    return {
      count: this.count,
      p50Ms: this.#percentileMs(50),
      p90Ms: this.#percentileMs(90),
      p99Ms: this.#percentileMs(99),
      p999Ms: this.#percentileMs(99.9),
      p9999Ms: this.#percentileMs(99.99),
      maxMs: this.#histogram.maxValue / 1000,
    };
  }

  #percentileMs(percentile: number): number {
    if (this.count === 0) return 0;
    // The histogram answers with the end of a bucket, which nothing may have reached.
    const us = this.#histogram.getValueAtPercentile(percentile);
    return Math.min(us, this.#histogram.maxValue) / 1000;
  }
}

/**
 * Tells what was recorded since it was asked last. It compares counts when it is
 * asked, so recording costs no more for it.
 */
export class LatencyReader {
  readonly #histogram: Float64Histogram;
  readonly #seen: Float64Array;
  #seenCount = 0;

  constructor(histogram: Float64Histogram) {
    this.#histogram = histogram;
    this.#seen = new Float64Array(histogram.countsArrayLength);
  }

  /**
   * Values (µs, the highest of those that count as the same) and how often each
   * came, in turns: `[value, count, value, count, …]`, by value.
   */
  take(): Float64Array {
    const histogram = this.#histogram;
    if (histogram.totalCount === this.#seenCount) return NOTHING;
    this.#seenCount = histogram.totalCount;
    const seen = this.#seen;
    const counts: number[] = [];
    const last = histogram.countsArrayIndex(histogram.maxValue);
    for (let i = 0; i <= last; i++) {
      const count = histogram.getCountAtIndex(i);
      if (count === seen[i]) continue;
      counts.push(histogram.valueFromIndex(i + 1) - 1, count - seen[i]!);
      seen[i] = count;
    }
    return Float64Array.from(counts);
  }
}
