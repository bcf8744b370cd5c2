import { readFileSync } from "node:fs";
import { type Histogram, HistogramLogReader } from "hdr-histogram-js";
import {
  LatencyHistogram,
  type Percentiles,
} from "../../src/observe/latency.ts";

/** What comes so soon meets code that the processor and the broker compile. */
export const WARM_UP_MS = 3_000;

/** Percentiles of a `.hlog` file, without the first 3 s after `startMs`. */
export function steadyPercentiles(path: string, startMs: number): Percentiles {
  const text = readFileSync(path, "utf8");
  const reader = new HistogramLogReader(text);
  const sum = new LatencyHistogram();
  for (;;) {
    const interval = reader.nextIntervalHistogram() as Histogram | null;
    if (interval === null) return sum.percentiles();
    if (interval.startTimeStampMsec < startMs + WARM_UP_MS) continue;
    sum.histogram.add(interval);
  }
}
