import type { Points } from "./shapes.ts";

/** A percentile distribution that was read from a file, in the file's unit. */
export interface Distribution {
  readonly points: Points;
  /** How many values it counts. */
  readonly count: number;
  readonly mean: number | null;
  readonly max: number;
}

/** `Value Percentile TotalCount 1/(1-Percentile)`; the last one may be `inf`. */
const ROW =
  /^\s*([\d.]+(?:e[+-]?\d+)?)\s+([01](?:\.\d+)?)\s+(\d+)(?:\s+\S+)?\s*$/i;
const SUMMARY = /^#\[(\w+)\s*=\s*([\d.]+)\s*,\s*([\w ]+?)\s*=\s*([\d.]+)\s*\]/;

/**
 * Reads a percentile distribution as HdrHistogram and its users (wrk2, YCSB …)
 * print it. Throws an `Error` with a sentence for people when it is none.
 */
export function parseHgrm(text: string): Distribution {
  const points: [number, number][] = [];
  const facts = new Map<string, number>();
  let count = 0;
  for (const line of text.split(/\r?\n/)) {
    const row = ROW.exec(line);
    if (row !== null) {
      points.push([Number(row[2]) * 100, Number(row[1])]);
      count = Number(row[3]);
      continue;
    }
    const [, first, firstValue, second, secondValue] = SUMMARY.exec(line) ?? [];
    if (first !== undefined) facts.set(first, Number(firstValue));
    if (second !== undefined) facts.set(second, Number(secondValue));
  }
  if (points.length === 0) {
    throw new Error(
      "is no percentile distribution: it has no line such as “2.31 0.990000 1200 100.00”",
    );
  }
  requireRising(points);
  return {
    points,
    count,
    mean: facts.get("Mean") ?? null,
    max: points.at(-1)![1],
  };
}

function requireRising(points: Points): void {
  for (let i = 1; i < points.length; i++) {
    const [percentile, value] = points[i]!;
    const [before, less] = points[i - 1]!;
    if (percentile > 100 || percentile < before || value < less) {
      throw new Error(
        `is no percentile distribution: ${value} at ${percentile} % comes behind ${less} at ${before} %`,
      );
    }
  }
}

/** The value at a percentile: that of the first point that reaches it. */
export function valueAt(points: Points, percentile: number): number | null {
  const point = points.find(([at]) => at >= percentile - 1e-9);
  return point?.[1] ?? points.at(-1)?.[1] ?? null;
}
