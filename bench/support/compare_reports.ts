import { readFileSync } from "node:fs";
import { messageOf } from "../../src/errors.ts";
import { optionError } from "./bench_options.ts";
import { median } from "./statistics.ts";
import { figureText, printTable, type TableRow } from "./table.ts";

/** Figures by name: each has a value of every repeat. */
export type Samples = Readonly<Record<string, readonly number[]>>;

/** The numbers in objects of the same form, one a repeat, as samples. */
export function samplesOf(name: string, repeats: readonly object[]): Samples {
  const samples: Record<string, number[]> = {};
  for (const repeat of repeats) {
    for (const [key, value] of Object.entries(repeat)) {
      if (typeof value !== "number" || !Number.isFinite(value)) continue;
      samples[`${name} ${key}`] ??= [];
      samples[`${name} ${key}`]!.push(value);
    }
  }
  return samples;
}

/** The numbers of a table that was measured once: its first column names a row. */
export function samplesOfRows(
  name: string,
  rows: readonly TableRow[],
): Samples {
  const parts = rows.map((row) => {
    const [[title, value] = ["", ""]] = Object.entries(row);
    return samplesOf(`${name} ${title} ${value}:`, [row]);
  });
  return Object.assign({}, ...parts);
}

/**
 * Prints the figures of an earlier report beside these: medians, what they spread
 * over the repeats, and whether they differ by more than that. Throws, as for a
 * wrong option, when the file is no report of this bench.
 */
export function printComparison(
  path: string,
  { name, samples }: { name: string; samples: Samples },
): void {
  const earlier = readSamples(path, name);
  const rows = Object.entries(samples).flatMap(([figure, now]) => {
    const before = earlier[figure];
    if (before === undefined || before.length + now.length === 0) return [];
    return [
      {
        figure,
        before: spreadText(before),
        now: spreadText(now),
        ratio: figureText(median(now) / median(before)),
        "": verdict(before, now),
      },
    ];
  });
  printTable(`Held against ${path}: median (least to most)`, rows);
}

function readSamples(path: string, name: string): Samples {
  let report: { bench?: unknown; samples?: Samples };
  try {
    report = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    const why = `a JSON file of ${name} (${messageOf(error)})`;
    throw optionError("compare", path, why);
  }
  if (report.bench === name && report.samples) return report.samples;
  throw optionError("compare", path, `a JSON file that ${name} has written`);
}

/** The median, and from what to what the values are. */
export function spreadText(
  values: readonly number[],
  textOf: (value: number) => string = figureText,
): string {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const spread = `${textOf(low)} to ${textOf(high)}`;
  const middle = textOf(median(values));
  return values.length > 1 ? `${middle} (${spread})` : middle;
}

/** Of two sets of repeats that overlap nobody can say that they differ. */
function verdict(before: readonly number[], now: readonly number[]): string {
  if (before.length < 2 || now.length < 2) return "one run: noise not known";
  const isApart =
    Math.min(...now) > Math.max(...before) ||
    Math.max(...now) < Math.min(...before);
  return isApart ? "differs" : "within noise";
}
