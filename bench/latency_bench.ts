import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { KafkaBroker } from "../docker/local_kafka/kafka_broker.ts";
import { Arrivals } from "./support/arrivals.ts";
import { loadVisits, newTopic, startBroker } from "./support/bench_broker.ts";
import { benchOptions, countOf, runBench } from "./support/bench_options.ts";
import { resultPath } from "./support/bench_report.ts";
import { clockSteps } from "./support/clock_steps.ts";
import {
  type CloseLatency,
  closeLatency,
  latencyOf,
} from "./support/close_latency.ts";
import { runOurs } from "./support/kafka_runs.ts";
import { type RateResult, reportLatency } from "./support/latency_report.ts";
import type { Load } from "./support/load_probe.ts";
import { cpuSecondsOf } from "./support/process_clock.ts";
import { Processor } from "./support/processor.ts";
import { steadyPercentiles } from "./support/steady_latency.ts";
import { figureText, print } from "./support/table.ts";

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
let runs = 0;

async function main(): Promise<void> {
  const options = benchOptions({
    rates: "10000,50000,100000,200000",
    seconds: "20",
    maximum: null,
    workers: null,
    guarantee: "none",
    json: null,
  });
  const seconds = countOf("seconds", options.seconds);
  const { workers, guarantee } = options;
  const args = ["--guarantee", guarantee];
  if (workers !== null) args.push("--workers", workers);
  const rates = options.rates.split(",").map((rate) => countOf("rates", rate));
  const given =
    options.maximum === null ? null : countOf("maximum", options.maximum);
  const broker = await startBroker();
  try {
    const offered = given ?? (await measureBounded(broker, args));
    // Offered even where the maximum is given: a new broker has to warm up.
    const reached = await offer(broker, offered, args);
    const maximum = given ?? reached;
    const last = Math.round(maximum * SHARE_OF_MAXIMUM);
    print(`70 % of the maximum of ${figureText(maximum)}: ${figureText(last)}`);
    const results: RateResult[] = [];
    for (const rate of new Set([...rates, last])) {
      print(`${figureText(rate)} visits/s for ${seconds} s`);
      results.push(await runRate(broker, { rate, seconds, args }));
    }
    reportLatency(results, {
      maximum,
      guarantee,
      path: options.json ?? undefined,
    });
  } finally {
    await broker.stop();
  }
}

/** Visits a second of a bounded run, which has the machine to itself. */
async function measureBounded(
  broker: KafkaBroker,
  args: readonly string[],
): Promise<number> {
  const inTopic = "maximum-visits";
  await loadVisits(broker, inTopic, ["--count", String(MAXIMUM_VISITS)]);
  const outTopic = await newTopic(broker, "maximum-sessions");
  // A bounded run promises nothing.
  const unguarded = [...args, "--guarantee", "none"];
  const topics = { inTopic, outTopic };
  const bounded = await runOurs(broker, { ...topics, args: unguarded });
  return Math.round(bounded.visitsPerSecond);
}

/** Visits a second that come through when `rate` of them are offered. */
async function offer(
  broker: KafkaBroker,
  rate: number,
  args: readonly string[],
): Promise<number> {
  print(`${figureText(rate)} visits/s offered for a while`);
  const seconds = MAXIMUM_SECONDS;
  const result = await runRate(broker, { rate, seconds, args });
  return result.reachedRate - result.visitsBehind / seconds;
}

async function runRate(
  broker: KafkaBroker,
  options: { rate: number; seconds: number; args: readonly string[] },
): Promise<RateResult> {
  const { rate, seconds, args } = options;
  const { brokers } = broker;
  // A rate may be offered twice, and a group goes on where it was.
  const name = `${rate}-${runs++}`;
  const inTopic = await newTopic(broker, `visits-${name}`);
  const config = { "message.timestamp.type": "LogAppendTime" };
  const outTopic = await newTopic(broker, `sessions-${name}`, config);
  const histograms = resultPath(`latency-${rate}`);
  const processor = new Processor([
    ...["--brokers", brokers, "--group", `bench-${name}`],
    ...["--from", `kafka:${inTopic}`, "--to", `kafka:${outTopic}`],
    ...["--histograms", histograms, "--overwrite"],
    ...args,
  ]);
  const reader = await Arrivals.begin(brokers, outTopic);
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
    const arrivals = await reader.end();
    const steps = clockSteps(load, rate);
    const { startMs } = load;
    const close = await closeLatency(brokers, outTopic, { startMs, steps });
    const read = latencyOf(arrivals, { startMs, steps });
    return {
      rate,
      reachedRate: load.visits / load.seconds,
      processing: summary.latency.processing,
      steady: steadyPercentiles(`${histograms}/processing.hlog`, startMs),
      visitsBehind: load.visits - summary.visitsIn,
      close: close.histogram.percentiles(),
      closeWarmUps: close.warmUps,
      closePoints: pointsOf(close),
      read: read.histogram.percentiles(),
      cores: {
        processor: cores[1]!,
        broker: cores[0]!,
        generator: load.cpuSeconds / load.seconds,
      },
    };
  } finally {
    processor.stop();
    reader.kill();
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
    Math.min(histogram.getValueAtPercentile(percentile), histogram.maxValue) /
      1000,
  ]);
}

await runBench(main);
