import { countText } from "../observe/number_text.ts";
import { type TableRow, tableText } from "../observe/text_table.ts";
import { visibleText } from "../observe/visible_text.ts";
import {
  type LatencySeries,
  plotPoints,
  ratioOf,
  TABLE_PERCENTILES,
} from "./latency_series.ts";

/** A series as JSON; times in ms, null where nothing was counted. */
export interface SeriesReport {
  readonly name: string;
  readonly count: number;
  readonly unit: string;
  readonly unitBy: string;
  /** ISO instants; null where a file has no times. */
  readonly from: string | null;
  readonly to: string | null;
  readonly machine: string | null;
  /** By percentile, as text: `99.9`. */
  readonly percentilesMs: Readonly<Record<string, number | null>>;
  readonly maxMs: number | null;
  /** The same over those of the first series; null for itself. */
  readonly ratios: Readonly<Record<string, number | null>> | null;
  /** Percentile and ms, ascending. */
  readonly points: readonly (readonly [number, number])[];
}

/** Percentiles of series side by side, each also as a ratio to the first. */
export function comparisonText(all: readonly LatencySeries[]): string {
  const [first] = all;
  const rows = all.flatMap((series) => {
    const row = seriesRow(series);
    if (series === first) return [row];
    const ratio = (value: (of: LatencySeries) => number) =>
      ratioText(ratioOf(value(series), value(first!)));
    return [row, rowOf("  to the first", ratio)];
  });
  return tableText(rows);
}

/** Percentiles of series side by side, ms. */
export function seriesText(all: readonly LatencySeries[]): string {
  return tableText(all.map(seriesRow));
}

/** The same as plain objects. */
export function comparisonReport(
  all: readonly LatencySeries[],
): SeriesReport[] {
  const [first] = all;
  return all.map((series) => {
    const { name, count, span, unit, machine, maxMs } = series;
    return {
      name,
      count,
      unit: unit.unit,
      unitBy: unit.by,
      from: span === null ? null : new Date(span.fromMs).toISOString(),
      to: span === null ? null : new Date(span.toMs).toISOString(),
      machine,
      percentilesMs: byPercentile((p) => finite(series.percentileMs(p))),
      maxMs: finite(maxMs),
      ratios:
        series === first
          ? null
          : {
              ...byPercentile((p) =>
                finite(ratioOf(series.percentileMs(p), first!.percentileMs(p))),
              ),
              max: finite(ratioOf(maxMs, first!.maxMs)),
            },
      points: count === 0 ? [] : plotPoints(series),
    };
  });
}

function seriesRow(series: LatencySeries): TableRow {
  const row = rowOf(visibleText(series.name), (value) => msText(value(series)));
  return { ...row, count: countText(series.count) };
}

function rowOf(
  name: string,
  cell: (value: (of: LatencySeries) => number) => string,
): TableRow {
  const row: Record<string, string> = { "": name };
  for (const percentile of TABLE_PERCENTILES) {
    row[`p${percentile}`] = cell((of) => of.percentileMs(percentile));
  }
  row.max = cell((of) => of.maxMs);
  return row;
}

function byPercentile<T>(of: (percentile: number) => T): Record<string, T> {
  return Object.fromEntries(TABLE_PERCENTILES.map((p) => [p, of(p)]));
}

/** Ms to the microsecond, shorter where that says nothing. */
function msText(ms: number): string {
  if (Number.isNaN(ms)) return "-";
  if (ms >= 1000) return ms.toFixed(0);
  return ms >= 0.01 || ms === 0 ? ms.toFixed(3) : ms.toPrecision(3);
}

function ratioText(ratio: number): string {
  return Number.isFinite(ratio) ? `${ratio.toFixed(2)}x` : "-";
}

/** JSON has no other numbers. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
