/** Latencies that a file counted under one name. */
export interface LatencySeries {
  /** The path of the file, and the tag or kind where it has several. */
  readonly name: string;
  readonly count: number;
  readonly maxMs: number;
  /** The times of its intervals, ms since 1970; null where a file has none. */
  readonly span: { readonly fromMs: number; readonly toMs: number } | null;
  /** What its values were taken for, and why. */
  readonly unit: UnitFound;
  /** On what it was measured, where the file says so. */
  readonly machine: string | null;
  /**
   * The least value that so many percent of all do not exceed, ms: as HdrHistogram
   * has it the end of a bucket, and never above the maximum. NaN where nothing was
   * counted.
   */
  percentileMs(percentile: number): number;
}

/** A unit of recorded values. */
export type Unit = "ns" | "us" | "ms" | "s";

/** The unit of a file, and who says so. */
export interface UnitFound {
  readonly unit: Unit;
  /** `assumed`: neither the file nor the user says it. */
  readonly by: "user" | "file" | "assumed";
}

/** All units, the smallest first. */
export const UNITS: readonly Unit[] = ["ns", "us", "ms", "s"];

/** Ms of one of each. */
export const MS_PER_UNIT: Readonly<Record<Unit, number>> = {
  ns: 1e-6,
  us: 1e-3,
  ms: 1,
  s: 1000,
};

/** The percentiles that tables show; the maximum stands behind them. */
export const TABLE_PERCENTILES = [50, 90, 99, 99.9, 99.99, 99.999] as const;

/**
 * How many of `count` latencies a percentile must reach, as HdrHistogram rounds
 * it: up, but for what is no more than the error of the multiplication.
 */
export function rankOf(percentile: number, count: number): number {
  const exact = (percentile / 100) * count;
  return Math.max(1, Math.ceil(exact * (1 - Number.EPSILON)));
}

/** A percentile of a series over that of another one. */
export function ratioOf(ms: number, firstMs: number): number {
  return firstMs === 0 && ms === 0 ? 1 : ms / firstMs;
}

/**
 * Points of a plot, percentile and ms, ascending: twenty to each factor of ten in
 * what is left above the percentile, as far as there are latencies to tell them.
 */
export function plotPoints(series: LatencySeries): [number, number][] {
  const points: [number, number][] = [];
  const decades = Math.log10(Math.max(1, series.count));
  for (let step = 0; step <= Math.floor(decades * 20); step++) {
    const percentile = 100 * (1 - 10 ** (-step / 20));
    points.push([percentile, series.percentileMs(percentile)]);
  }
  if (series.count > 1) points.push([100 - 100 / series.count, series.maxMs]);
  return points;
}
