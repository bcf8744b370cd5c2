import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import {
  type LatencyLine,
  latencyPlot,
} from "../../src/latency/latency_plot.ts";
import type { Percentiles } from "../../src/observe/latency.ts";
import { resultPath, writeReport } from "./bench_report.ts";
import { figureText, print, printTable } from "./table.ts";

/** What one rate gave; CPU as cores in use while the load lasted. */
export interface RateResult {
  readonly rate: number;
  readonly reachedRate: number;
  readonly processing: Percentiles;
  /** The same without the first 3 s. */
  readonly steady: Percentiles;
  /** Visits that the processor had not read when it was stopped. */
  readonly visitsBehind: number;
  readonly close: Percentiles;
  readonly closeWarmUps: number;
  readonly closePoints: LatencyLine["points"];
  /** The same sessions, to their arrival at a read_committed reader. */
  readonly read: Percentiles;
  readonly cores: { processor: number; broker: number; generator: number };
}

/** Prints the results, draws them and writes them to a file. */
export function reportLatency(
  results: readonly RateResult[],
  options: { maximum: number; guarantee: string; path: string | undefined },
): void {
  const { maximum, guarantee, path } = options;
  printTable(
    "Processing latency, ms: fetched to applied",
    results.map(({ rate, processing }) => ({
      "visits/s": rate,
      ...percentileColumns(processing),
    })),
  );
  printTable(
    "The same without the first 3 s",
    results.map(({ rate, steady }) => ({
      "visits/s": rate,
      ...percentileColumns(steady),
    })),
  );
  printTable(
    "Close latency, ms: due to appended, without what was due in the first 3 s",
    results.map(({ rate, close, closeWarmUps }) => ({
      "visits/s": rate,
      ...percentileColumns(close),
      "left out": closeWarmUps,
    })),
  );
  printTable(
    "Close latency, ms: due to arrived at a read_committed reader, likewise",
    results.map(({ rate, read }) => ({
      "visits/s": rate,
      ...percentileColumns(read),
    })),
  );
  printTable(
    "Load, and cores in use while it lasted",
    results.map(({ rate, reachedRate, visitsBehind, cores }) => ({
      "visits/s": rate,
      reached: reachedRate,
      "left unread": visitsBehind,
      ...cores,
    })),
  );
  writePlot(results);
  writeReport("latency", { maximum, guarantee, results }, path);
}

function writePlot(results: readonly RateResult[]): void {
  const linesOf = (
    lineOfRate: (each: RateResult) => Omit<LatencyLine, "name">,
  ): LatencyLine[] =>
    results.map((each) => ({
      name: `${figureText(each.rate)}/s`,
      ...lineOfRate(each),
    }));
  const plot = resultPath("latency.svg");
  mkdirSync(dirname(plot), { recursive: true });
  const svg = latencyPlot([
    {
      title: "Close latency: visit due to session appended",
      lines: linesOf(({ closePoints: points, close: { maxMs } }) => ({
        points,
        maxMs,
      })),
    },
    {
      title: "Processing latency: visit fetched to applied",
      lines: linesOf(({ processing }) => ({
        points: processingPoints(processing),
        maxMs: processing.maxMs,
      })),
    },
  ]);
  writeFileSync(plot, svg);
  print(`\nPlot: ${plot}`);
}

/** The summary of a run has these percentiles and no others. */
function processingPoints(processing: Percentiles): LatencyLine["points"] {
  const { p50Ms, p90Ms, p99Ms, p999Ms, p9999Ms } = processing;
  return [
    [50, p50Ms],
    [90, p90Ms],
    [99, p99Ms],
    [99.9, p999Ms],
    [99.99, p9999Ms],
  ];
}

function percentileColumns(percentiles: Percentiles): Record<string, number> {
  const { p50Ms, p90Ms, p99Ms, p999Ms, p9999Ms, maxMs, count } = percentiles;
  return {
    p50: p50Ms,
    p90: p90Ms,
    p99: p99Ms,
    "p99.9": p999Ms,
    "p99.99": p9999Ms,
    max: maxMs,
    count,
  };
}
