import type { LatencyHistogram } from "../observe/latency.ts";

/** Percentile and the latency that so many are within, ms. */
export type CurvePoint = readonly [percentile: number, ms: number];

/** Points a decade of what is left above a percentile, and how many decades. */
const POINTS_PER_DECADE = 10;
const DECADES = 6;

/** From 0 to 99.9999, with 90, 99, 99.9 … among them. */
export const CURVE_PERCENTILES: readonly number[] = Array.from(
  { length: POINTS_PER_DECADE * DECADES + 1 },
  (_, point) =>
    Number((100 - 100 / 10 ** (point / POINTS_PER_DECADE)).toFixed(6)),
);

/** The latencies at `CURVE_PERCENTILES`; none of an empty histogram. */
export function latencyCurve(latency: LatencyHistogram): CurvePoint[] {
  const { count, histogram } = latency;
  if (count === 0) return [];
  const points: CurvePoint[] = [];
  // One walk for all points: a question for each would be a walk for each.
  const counts = latency.reader().take();
  let seen = 0;
  for (let i = 0; i < counts.length; i += 2) {
    seen += counts[i + 1]!;
    const us = Math.min(counts[i]!, histogram.maxValue);
    while (points.length < CURVE_PERCENTILES.length) {
      const percentile = CURVE_PERCENTILES[points.length]!;
      // As HdrHistogram counts: at least one value is within any percentile.
      const wanted = Math.max(1, Math.ceil((percentile / 100) * count));
      if (seen < wanted) break;
      points.push([percentile, us / 1000]);
    }
  }
  return points;
}
