import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { SeriesReport } from "../../src/latency/compare_series.ts";
import { latencyPlot } from "../../src/latency/latency_plot.ts";
import { machineText } from "../../src/observe/machine.ts";
import { benchEnvironment, resultPath, writeReport } from "./bench_report.ts";
import { type Samples, samplesOf, spreadText } from "./compare_reports.ts";
import type { LoadedRate, LoadLatency } from "./load_run.ts";
import { median } from "./statistics.ts";
import { figureText, print, printTable, type TableRow } from "./table.ts";

/** What one rate gave. */
export interface RateResult {
  /** What of the variants it is of, empty where there is but one. */
  readonly variant: string;
  readonly load: LoadedRate;
  /** Folder of its histograms. */
  readonly histograms: string;
  /** Visits that the processor had not read when it was stopped. */
  readonly visitsBehind: number;
  /** What the processor measured itself in the same time. */
  readonly processing: SeriesReport;
  readonly closing: SeriesReport;
}

type Latency = LoadLatency | SeriesReport;

/** The latencies that are printed, and from what to what they are. */
const LATENCIES: Readonly<
  Record<string, readonly [title: string, of: (result: RateResult) => Latency]>
> = {
  send: ["Send: due to sent", ({ load }) => load.send],
  acknowledge: [
    "Acknowledge: due to acknowledged by the topic of visits",
    ({ load }) => load.acknowledge,
  ],
  processing: [
    "Processing: fetched to applied",
    ({ processing }) => processing,
  ],
  closing: [
    "Closing: fetch of the visit that closes a session to acknowledgement of the session",
    ({ closing }) => closing,
  ],
  close: [
    "Close: due of the visit that closes a session to append of the session",
    ({ load }) => load.close,
  ],
  read: [
    "Read: the same to its arrival at a read_committed reader",
    ({ load }) => load.read,
  ],
};
const PLOTTED = ["close", "processing"] as const;
/** What variants are held against each other by. */
const HELD = ["close", "read", "processing"] as const;
const HELD_PERCENTILES = ["50", "99"] as const;

/** Prints the results, draws them and writes them to files. */
export function reportLatency(
  results: readonly RateResult[],
  options: { guarantee: string; json: string | null; compare: string | null },
): void {
  const { guarantee, json, compare } = options;
  for (const [title, latencyOf] of Object.values(LATENCIES)) {
    printTable(
      `${title}, ms`,
      results.map((result) => rowOf(result, latencyOf(result))),
    );
  }
  printVariants(results);
  printTable(
    "Load, and cores in use while it was measured",
    results.map(({ load, variant, visitsBehind }) => ({
      "visits/s": load.rate,
      ...(variant && { variant }),
      reached: load.reachedRate,
      "left unread": visitsBehind,
      "sessions left out": load.warmUpSessions,
      ...load.cores,
    })),
  );
  for (const { load, histograms } of results) {
    print(`${figureText(load.rate)} visits/s: histograms in ${histograms}`);
    for (const limit of load.limits) print(`  beware: ${limit}`);
  }
  writePlot(results);
  const samples = samplesOfRates(results);
  writeReport("latency", { guarantee, results }, { json, compare, samples });
}

function writePlot(results: readonly RateResult[]): void {
  const plot = resultPath("latency.svg");
  mkdirSync(dirname(plot), { recursive: true });
  const panels = PLOTTED.map((name) => {
    const [title, latencyOf] = LATENCIES[name]!;
    const lines = results.map((result) => {
      const { points, maxMs } = latencyOf(result);
      const rate = `${figureText(result.load.rate)} visits/s ${result.variant}`;
      return { name: rate.trim(), points, maxMs: maxMs ?? Number.NaN };
    });
    return { title, lines };
  });
  const { commit, date } = benchEnvironment();
  const notes = [machineText(), `commit ${commit}, ${date}`];
  writeFileSync(plot, latencyPlot(panels, notes));
  print(`\nPlot: ${plot}`);
}

function rowOf({ load, variant }: RateResult, latency: Latency): TableRow {
  const { percentilesMs, maxMs, count } = latency;
  const columns = Object.entries(percentilesMs).map(([percentile, ms]) => [
    `p${percentile}`,
    ms ?? Number.NaN,
  ]);
  const max = maxMs ?? Number.NaN;
  const title = { "visits/s": load.rate, ...(variant && { variant }) };
  return { ...title, ...Object.fromEntries(columns), max, count };
}

/** Each rate's percentiles and cores by variant, once a round. */
function samplesOfRates(results: readonly RateResult[]): Samples {
  const groups = Map.groupBy(results, ({ load, variant }) =>
    `${load.rate}/s ${variant}`.trim(),
  );
  const parts = [...groups].flatMap(([name, rounds]) => {
    const latencies = Object.entries(LATENCIES).map(([title, [, latencyOf]]) =>
      samplesOf(
        `${name} ${title} ms p`,
        rounds.map((round) => latencyOf(round).percentilesMs),
      ),
    );
    const cores = rounds.map(({ load }) => load.cores);
    return [...latencies, samplesOf(`${name} cores of`, cores)];
  });
  return Object.assign({}, ...parts);
}

/**
 * The other variants against the first one: ratios round by round, and what they
 * spread over.
 */
function printVariants(results: readonly RateResult[]): void {
  const ofVariants = Map.groupBy(results, ({ variant }) => variant);
  const [first = [], ...others] = ofVariants.values();
  const rows = others.flatMap((other) =>
    [...new Set(other.map(({ load }) => load.rate))].flatMap((rate) =>
      HELD.flatMap((held) => heldRows(rate, held, { first, other })),
    ),
  );
  if (rows.length === 0) return;
  const title = `Against ${first[0]!.variant}: medians, and ratios of the rounds`;
  printTable(title, rows);
}

function heldRows(
  rate: number,
  name: (typeof HELD)[number],
  { first, other }: Record<"first" | "other", readonly RateResult[]>,
): TableRow[] {
  const isOfRate = ({ load }: RateResult) => load.rate === rate;
  const valuesOf = (some: readonly RateResult[], key: string) =>
    some
      .filter(isOfRate)
      .map(
        (each) => LATENCIES[name]![1](each).percentilesMs[key] ?? Number.NaN,
      );
  return HELD_PERCENTILES.map((key) => {
    const before = valuesOf(first, key);
    const now = valuesOf(other, key);
    const ratios = now.map((value, round) => value / before[round]!);
    return {
      "visits/s": rate,
      variant: other[0]!.variant,
      latency: `${name} p${key}`,
      "first, ms": median(before),
      ms: median(now),
      ratio: median(now) / median(before),
      "by round": spreadText(ratios),
    };
  });
}
