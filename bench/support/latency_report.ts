import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { SeriesReport } from "../../src/latency/compare_series.ts";
import { latencyPlot } from "../../src/latency/latency_plot.ts";
import { machineText } from "../../src/observe/machine.ts";
import { benchEnvironment, resultPath, writeReport } from "./bench_report.ts";
import { type Samples, samplesOf } from "./compare_reports.ts";
import type { LoadedRate, LoadLatency } from "./load_run.ts";
import { figureText, print, printTable, type TableRow } from "./table.ts";

/** What one rate gave. */
export interface RateResult {
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

/** Prints the results, draws them and writes them to files. */
export function reportLatency(
  results: readonly RateResult[],
  options: { guarantee: string; json: string | null; compare: string | null },
): void {
  const { guarantee, json, compare } = options;
  for (const [title, latencyOf] of Object.values(LATENCIES)) {
    printTable(
      `${title}, ms`,
      results.map((result) => rowOf(result.load.rate, latencyOf(result))),
    );
  }
  printTable(
    "Load, and cores in use while it was measured",
    results.map(({ load, visitsBehind }) => ({
      "visits/s": load.rate,
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
      const rate = `${figureText(result.load.rate)} visits/s`;
      return { name: rate, points, maxMs: maxMs ?? Number.NaN };
    });
    return { title, lines };
  });
  const { commit, date } = benchEnvironment();
  const notes = [machineText(), `commit ${commit}, ${date}`];
  writeFileSync(plot, latencyPlot(panels, notes));
  print(`\nPlot: ${plot}`);
}

function rowOf(rate: number, latency: Latency): TableRow {
  const { percentilesMs, maxMs, count } = latency;
  const columns = Object.entries(percentilesMs).map(([percentile, ms]) => [
    `p${percentile}`,
    ms ?? Number.NaN,
  ]);
  const max = maxMs ?? Number.NaN;
  return { "visits/s": rate, ...Object.fromEntries(columns), max, count };
}

/** Each rate's percentiles and cores, once a round. */
function samplesOfRates(results: readonly RateResult[]): Samples {
  const rates = [...new Set(results.map(({ load }) => load.rate))];
  const parts = rates.flatMap((rate) => {
    const rounds = results.filter(({ load }) => load.rate === rate);
    const latencies = Object.entries(LATENCIES).map(([name, [, latencyOf]]) =>
      samplesOf(
        `${rate}/s ${name} ms p`,
        rounds.map((round) => latencyOf(round).percentilesMs),
      ),
    );
    const cores = rounds.map(({ load }) => load.cores);
    return [...latencies, samplesOf(`${rate}/s cores of`, cores)];
  });
  return Object.assign({}, ...parts);
}
