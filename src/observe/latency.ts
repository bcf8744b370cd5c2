import { build, type Histogram } from "hdr-histogram-js";

const HIGHEST_US = 3_600_000_000;

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
 * whatever is recorded (twice that once intervals are asked for). Shorter and
 * longer ones count as these bounds.
 */
export class LatencyHistogram {
  readonly #histogram = newHistogram();
  #interval: Histogram | null = null;

  /** Number of recorded latencies. */
  get count(): number {
    return this.#histogram.totalCount;
  }

  /** The histogram itself, in µs, for writers of its formats. */
  get histogram(): Histogram {
    return this.#histogram;
  }

  /** What was recorded since whoever asks for it has reset it last. */
  get interval(): Histogram {
    if (this.#interval === null) {
      this.#interval = newHistogram();
      this.#interval.add(this.#histogram);
    }
    return this.#interval;
  }

  /** Records a latency in ms, once or `count` times. */
  record(ms: number, count = 1): void {
    if (count <= 0) return;
    const us = Math.min(HIGHEST_US, Math.max(1, Math.round(ms * 1000)));
    this.#histogram.recordValueWithCount(us, count);
    this.#interval?.recordValueWithCount(us, count);
  }

  /** Adds what another histogram counted. */
  merge(other: LatencyHistogram): void {
    this.#histogram.add(other.#histogram);
    this.#interval?.add(other.#histogram);
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

function newHistogram(): Histogram {
  return build({
    // Counts of 32 bits would be full after an hour at 1 M visits/s.
    bitBucketSize: 64,
    autoResize: false,
    lowestDiscernibleValue: 1,
    highestTrackableValue: HIGHEST_US,
    numberOfSignificantValueDigits: 3,
  });
}
