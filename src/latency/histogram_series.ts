import type { LatencyHistogram } from "../observe/latency.ts";
import type { LatencySeries } from "./latency_series.ts";

/** What was counted in this process, as a series like those of files. */
export function seriesOf(
  name: string,
  latency: LatencyHistogram,
): LatencySeries {
  const { count, histogram } = latency;
  const maxMs = count === 0 ? Number.NaN : histogram.maxValue / 1000;
  return {
    name,
    count,
    maxMs,
    span: null,
    unit: { unit: "us", by: "file" },
    machine: null,
    percentileMs(percentile) {
      const us = histogram.getValueAtPercentile(percentile);
      // The histogram answers with the end of a bucket, which nothing may have reached.
      return Math.min(us / 1000, maxMs);
    },
  };
}
