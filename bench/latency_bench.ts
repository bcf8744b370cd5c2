import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { KafkaBroker } from "../docker/local_kafka/kafka_broker.ts";
import type { Percentiles } from "../src/observe/latency.ts";
import { loadVisits, newTopic, startBroker } from "./support/bench_broker.ts";
import { benchOptions, countOf, runBench } from "./support/bench_options.ts";
import { resultPath, writeReport } from "./support/bench_report.ts";
import { clockSteps } from "./support/clock_steps.ts";
import { type CloseLatency, closeLatency } from "./support/close_latency.ts";
import { runOurs } from "./support/kafka_runs.ts";
import { type LatencyLine, latencyPlot } from "./support/latency_plot.ts";
import type { Load } from "./support/load_probe.ts";
import { cpuSecondsOf } from "./support/process_clock.ts";
import { Processor } from "./support/processor.ts";
import { steadyPercentiles } from "./support/steady_latency.ts";
import { figureText, print, printTable } from "./support/table.ts";

// Latency under an open load: generator, broker, processor on one machine.

const PROBE = fileURLToPath(
  new URL("./support/load_probe.ts", import.meta.url),
);
const JOIN_MS = 3_000;
const DRAIN_MS = 2_000;
const SHARE_OF_MAXIMUM = 0.7;
const MAXIMUM_VISITS = 1_000_000;
const MAXIMUM_SECONDS = 15;
const PLOT_PERCENTILES = [0, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99];
const run = promisify(execFile);

async function main(): Promise<void> {
  const options = benchOptions({
    rates: "10000,50000,100000,200000",
    seconds: "20",
    maximum: null,
    workers: null,
    json: null,
  });
  const seconds = countOf("seconds", options.seconds);
  const { workers } = options;
  const args = workers === null ? [] : ["--workers", workers];
  const rates = options.rates.split(",").map((rate) => countOf("rates", rate));
  const given = options.maximum && countOf("maximum", options.maximum);
  const broker = await startBroker();
  try {
    const maximum = given || (await measureMaximum(broker, args));
    const last = Math.round(maximum * SHARE_OF_MAXIMUM);
    print(`70 % of the maximum of ${figureText(maximum)}: ${figureText(last)}`);
    const results: RateResult[] = [];
    for (const rate of new Set([...rates, last])) {
      print(`${figureText(rate)} visits/s for ${seconds} s`);
      results.push(await runRate(broker, { rate, seconds, args }));
    }
    report(results, { maximum, path: options.json ?? undefined });
  } finally {
    await broker.stop();
  }
}

/** Offers what a bounded run makes alone; the maximum is what comes through. */
async function measureMaximum(
  broker: KafkaBroker,
  args: readonly string[],
): Promise<number> {
  const inTopic = "maximum-visits";
  await loadVisits(broker, inTopic, ["--count", String(MAXIMUM_VISITS)]);
  const outTopic = await newTopic(broker, "maximum-sessions");
  const bounded = await runOurs(broker, { inTopic, outTopic, args });
  const rate = Math.round(bounded.visitsPerSecond);
  print(`${figureText(rate)} visits/s bounded; offered for a while`);
  const { reachedRate, visitsBehind } = await runRate(broker, {
    rate,
    seconds: MAXIMUM_SECONDS,
    args,
  });
  return reachedRate - visitsBehind / MAXIMUM_SECONDS;
}

/** What one rate gave; CPU as cores in use while the load lasted. */
interface RateResult {
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
  readonly cores: { processor: number; broker: number; generator: number };
}

async function runRate(
  broker: KafkaBroker,
  options: { rate: number; seconds: number; args: readonly string[] },
): Promise<RateResult> {
  const { rate, seconds, args } = options;
  const { brokers } = broker;
  const inTopic = await newTopic(broker, `visits-${rate}`);
  const config = { "message.timestamp.type": "LogAppendTime" };
  const outTopic = await newTopic(broker, `sessions-${rate}`, config);
  const histograms = resultPath(`latency-${rate}`);
  const processor = new Processor([
    ...["--brokers", brokers, "--group", `bench-${rate}`],
    ...["--from", `kafka:${inTopic}`, "--to", `kafka:${outTopic}`],
    ...["--histograms", histograms],
    ...args,
  ]);
  try {
    await sleep(JOIN_MS);
    const pids = [broker.pid, processor.child.pid!];
    const before = pids.map(cpuSecondsOf);
    const load = await runLoad([brokers, inTopic, rate, rate * seconds]);
    const cores = pids.map(
      (pid, i) => (cpuSecondsOf(pid) - before[i]!) / load.seconds,
    );
    await sleep(DRAIN_MS);
    processor.stop();
    const { summary } = await processor.figures();
    const steps = clockSteps(load, rate);
    const { startMs } = load;
    const close = await closeLatency(brokers, outTopic, { startMs, steps });
    return {
      rate,
      reachedRate: load.visits / load.seconds,
      processing: summary.latency.processing,
      steady: steadyPercentiles(`${histograms}/processing.hlog`, startMs),
      visitsBehind: load.visits - summary.visitsIn,
      close: close.histogram.percentiles(),
      closeWarmUps: close.warmUps,
      closePoints: pointsOf(close),
      cores: {
        processor: cores[1]!,
        broker: cores[0]!,
        generator: load.cpuSeconds / load.seconds,
      },
    };
  } finally {
    processor.stop();
  }
}

async function runLoad(args: readonly (string | number)[]): Promise<Load> {
  const command = [PROBE, ...args.map(String)];
  const { stdout } = await run(process.execPath, command);
  return JSON.parse(stdout) as Load;
}

function pointsOf({ histogram: { count, histogram } }: CloseLatency) {
  // Beyond these the greatest value alone would be drawn.
  return PLOT_PERCENTILES.filter(
    (percentile) => count * (1 - percentile / 100) >= 1,
  ).map((percentile): [number, number] => [
    percentile,
    histogram.getValueAtPercentile(percentile) / 1000,
  ]);
}

function report(
  results: readonly RateResult[],
  { maximum, path }: { maximum: number; path: string | undefined },
): void {
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
    "Load, and cores in use while it lasted",
    results.map(({ rate, reachedRate, visitsBehind, cores }) => ({
      "visits/s": rate,
      reached: reachedRate,
      "left unread": visitsBehind,
      ...cores,
    })),
  );
  writePlot(results);
  writeReport("latency", { maximum, results }, path);
}

function writePlot(results: readonly RateResult[]): void {
  const linesOf = (pointsOfRate: (each: RateResult) => LatencyLine["points"]) =>
    results.map((each) => ({
      name: `${figureText(each.rate)}/s`,
      points: pointsOfRate(each),
    }));
  const plot = resultPath("latency.svg");
  mkdirSync(dirname(plot), { recursive: true });
  const svg = latencyPlot([
    {
      title: "Close latency: visit due to session appended",
      lines: linesOf(({ closePoints }) => closePoints),
    },
    {
      title: "Processing latency: visit fetched to applied",
      lines: linesOf(({ processing }) => processingPoints(processing)),
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

await runBench(main);
