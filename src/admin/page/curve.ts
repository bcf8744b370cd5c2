import type { Latencies, Points } from "./shapes.ts";

/** Where the plot ends, a little beyond 99.999 %. */
export const DECADES_MAX = 5.15;

/** Percentiles that have a line, one decade of rarity after the other. */
export const TICKS = [0, 90, 99, 99.9, 99.99, 99.999];
/** No room for the sign behind each of them. */
const NARROW_PX = 480;
/** No room for all of them. */
const TINY_PX = 310;

/** How rare values above a percentile are, in decades: 99 % is 2. */
export function decadesOf(percentile: number): number {
  return Math.log10(1 / (1 - percentile / 100));
}

/**
 * A line over decades of rarity. It ends where one value is left: beyond,
 * percentiles say nothing but the highest value.
 */
export function lineOf(latencies: Latencies): [number[], number[]] {
  const { points, count, maxMs } = latencies;
  const x: number[] = [];
  const y: number[] = [];
  if (count === 0) return [x, y];
  const last = Math.min(Math.log10(count), DECADES_MAX);
  for (const [percentile, ms] of points) {
    const decades = decadesOf(percentile);
    if (decades > last) break;
    x.push(decades);
    y.push(ms);
  }
  if (last < DECADES_MAX && last > (x.at(-1) ?? -1)) {
    x.push(last);
    y.push(maxMs);
  }
  return [x, y];
}

/** The value at a percentile: that of the first point that reaches it. */
export function valueAt(points: Points, percentile: number): number | null {
  const point = points.find(([at]) => at >= percentile - 1e-9);
  return point?.[1] ?? points.at(-1)?.[1] ?? null;
}

/** A percentile beside its line in a plot that is so wide, px; "" for no room. */
export function tickText(percentile: number, plotPx: number): string {
  if (plotPx >= NARROW_PX) return `${percentile} %`;
  const isLeftOut = plotPx < TINY_PX && percentile === TICKS.at(-2);
  return isLeftOut ? "" : `${percentile}`;
}
