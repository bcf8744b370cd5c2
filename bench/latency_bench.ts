import { execFile } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { KafkaBroker } from "../docker/local_kafka/kafka_broker.ts";
import type { LatencyHistogram, Percentiles } from "../src/observe/latency.ts";
import { loadVisits, newTopic, startBroker } from "./support/bench_broker.ts";
import { benchOptions, countOf, runBench } from "./support/bench_options.ts";
import { resultPath, writeReport } from "./support/bench_report.ts";
import { closeLatency } from "./support/close_latency.ts";
import { runOurs } from "./support/kafka_runs.ts";
import { type LatencyLine, latencyPlot } from "./support/latency_plot.ts";
import type { Load } from "./support/load_probe.ts";
import { cpuSecondsOf } from "./support/process_clock.ts";
import { Processor } from "./support/processor.ts";
import { figureText, print, printTable } from "./support/table.ts";

// Latency under an open load: generator, broker, processor on one machine.

const PROBE = fileURLToPath(
  new URL("./support/load_probe.ts", import.meta.url),
);
const JOIN_MS = 3_000;
const DRAIN_MS = 2_000;
const SHARE_OF_MAXIMUM = 0.7;
const MAXIMUM_VISITS = 2_000_000;
const PLOT_PERCENTILES = [0, 50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99];
const run = promisify(execFile);

async function main(): Promise<void> {
  const options = benchOptions({
    rates: "10000,50000,100000,200000",
    seconds: "20",
    maximum: null,
    workers: "2",
    json: null,
  });
  const seconds = countOf("seconds", options.seconds);
  const { workers } = options;
  const rates = options.rates.split(",").map((rate) => countOf("rates", rate));
  const given = options.maximum && countOf("maximum", options.maximum);
  const broker = await startBroker();
  try {
    const maximum = given || (await measureMaximum(broker, workers));
    const last = Math.round(maximum * SHARE_OF_MAXIMUM);
    print(`70 % of the maximum of ${figureText(maximum)}: ${figureText(last)}`);
    const results: RateResult[] = [];
    for (const rate of [...rates, last]) {
      print(`${figureText(rate)} visits/s for ${seconds} s`);
      results.push(await runRate(broker, { rate, seconds, workers }));
    }
    report(results, { maximum, path: options.json ?? undefined });
  } finally {
    await broker.stop();
  }
}

/** Visits/s of a bounded run: as fast as it goes. */
async function measureMaximum(
  broker: KafkaBroker,
  workers: string,
): Promise<number> {
  const inTopic = "maximum-visits";
  await loadVisits(broker, inTopic, ["--count", String(MAXIMUM_VISITS)]);
  const outTopic = await newTopic(broker, "maximum-sessions");
  const args = ["--workers", workers];
  return (await runOurs(broker, { inTopic, outTopic, args })).visitsPerSecond;
}

/** What one rate gave; CPU as cores in use while the load lasted. */
interface RateResult {
  readonly rate: number;
  readonly reachedRate: number;
  readonly processing: Percentiles;
  readonly close: Percentiles;
  readonly closePoints: LatencyLine["points"];
  readonly cores: { processor: number; broker: number; generator: number };
}

async function runRate(
  broker: KafkaBroker,
  options: { rate: number; seconds: number; workers: string },
): Promise<RateResult> {
  const { rate, seconds, workers } = options;
  const { brokers } = broker;
  const inTopic = await newTopic(broker, `visits-${rate}`);
  const config = { "message.timestamp.type": "LogAppendTime" };
  const outTopic = await newTopic(broker, `sessions-${rate}`, config);
  const processor = new Processor([
    ...["--brokers", brokers, "--group", `bench-${rate}`],
    ...["--from", `kafka:${inTopic}`, "--to", `kafka:${outTopic}`],
    ...["--workers", workers],
  ]);
  await sleep(JOIN_MS);
  const brokerBefore = cpuSecondsOf(broker.pid);
  const args = [PROBE, brokers, inTopic, String(rate), String(rate * seconds)];
  const { stdout } = await run(process.execPath, args, { maxBuffer: 1 << 28 });
  const load = JSON.parse(stdout) as Load;
  await sleep(DRAIN_MS);
  const brokerCpu = cpuSecondsOf(broker.pid) - brokerBefore;
  processor.stop();
  const { summary, cpuSeconds } = await processor.figures();
  const close = await closeLatency(brokers, outTopic, load);
  return {
    rate,
    reachedRate: load.visits / load.seconds,
    processing: summary.latency.processing,
    close: close.percentiles(),
    closePoints: pointsOf(close),
    cores: {
      processor: cpuSeconds.total / load.seconds,
      broker: brokerCpu / load.seconds,
      generator: load.cpuSeconds / load.seconds,
    },
  };
}

function pointsOf({ count, histogram }: LatencyHistogram): [number, number][] {
  if (count === 0) return [];
  return PLOT_PERCENTILES.map((percentile) => [
    percentile,
    histogram.getValueAtPercentile(percentile) / 1000,
  ]);
}

function report(
  results: readonly RateResult[],
  { maximum, path }: { maximum: number; path: string | undefined },
): void {
  for (const kind of ["processing", "close"] as const) {
    printTable(
      `${kind} latency, ms`,
      results.map((each) => ({
        "visits/s": each.rate,
        reached: each.reachedRate,
        ...percentileColumns(each[kind]),
      })),
    );
  }
  printTable(
    "Cores in use",
    results.map(({ rate, cores }) => ({ "visits/s": rate, ...cores })),
  );
  const lines = results.map(({ rate, closePoints }) => ({
    name: `${figureText(rate)}/s`,
    points: closePoints,
  }));
  const plot = resultPath("latency.svg");
  mkdirSync(dirname(plot), { recursive: true });
  writeFileSync(plot, latencyPlot("Close latency by percentile", lines));
  print(`\nPlot: ${plot}`);
  writeReport("latency", { maximum, results }, path);
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
