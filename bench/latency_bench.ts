import { setTimeout as sleep } from "node:timers/promises";
import type { KafkaBroker } from "../docker/local_kafka/kafka_broker.ts";
import {
  comparisonReport,
  type SeriesReport,
} from "../src/latency/compare_series.ts";
import { readLatencyFile } from "../src/latency/read_latency_file.ts";
import { untilAnswers, Watcher } from "./support/admin_askers.ts";
import { loadVisits, newTopic, startBroker } from "./support/bench_broker.ts";
import {
  benchOptions,
  countOf,
  countsOf,
  optionError,
  runBench,
} from "./support/bench_options.ts";
import { resultPath } from "./support/bench_report.ts";
import { runOurs } from "./support/kafka_runs.ts";
import { type RateResult, reportLatency } from "./support/latency_report.ts";
import { type LoadedRate, runLoad } from "./support/load_run.ts";
import { Processor } from "./support/processor.ts";
import { settle } from "./support/settle.ts";
import { figureText, print } from "./support/table.ts";

// Latency under an open load: load, broker and processor on one machine.

const DOES =
  "Latencies under `sessionmill load` at fixed rates, a broker and a processor beside it.";
const JOIN_MS = 3_000;
const MAXIMUM_VISITS = 1_000_000;
const SECONDS_OF_WARMING = 10;
/** Where the admin server listens. */
const ADMIN = "127.0.0.1:9564";
let runs = 0;

/** How a rate is loaded. */
interface RateOptions {
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** More options of the processor. */
  readonly args: readonly string[];
  /** Its page is open in a browser, and its metrics are scraped each second. */
  readonly isWatched: boolean;
}

async function main(): Promise<void> {
  const options = benchOptions(DOES, {
    rates: ["10000,50000,100000,200000", "visits a second, one by one"],
    seconds: ["20", "how long a rate is measured"],
    "warm-up": ["3", "seconds of load before that, which do not count"],
    rounds: ["1", "repeats of all rates, for the spread"],
    share: [null, "also at this percentage of what comes through at most"],
    workers: [null, "of the processor"],
    guarantee: ["none", "of the processor"],
    admin: ["on", "admin server of the processor: on, off, or watched"],
  });
  const { workers, guarantee } = options;
  const admin = adminOf(options.admin);
  const args = ["--guarantee", guarantee];
  args.push("--admin", admin === "off" ? "off" : ADMIN);
  if (workers !== null) args.push("--workers", workers);
  const seconds = countOf("seconds", options.seconds);
  const warmUpSeconds = countOf("warm-up", options["warm-up"]);
  const rounds = countOf("rounds", options.rounds);
  const isWatched = admin === "watched";
  const load: RateOptions = { seconds, warmUpSeconds, args, isWatched };
  const rates = countsOf("rates", options.rates);
  const broker = await startBroker();
  try {
    // A new broker compiles its code: that is no latency of ours.
    print(`Warming the broker up: ${SECONDS_OF_WARMING} s`);
    const warming = { ...load, seconds: SECONDS_OF_WARMING };
    await runRate(broker, rates[0]!, warming);
    const { share } = options;
    if (share !== null) {
      const percent = countOf("share", share);
      rates.push(await shareOfMaximum(broker, percent, load));
    }
    const results: RateResult[] = [];
    for (let round = 0; round < rounds; round++) {
      for (const rate of rates) {
        print(`${figureText(rate)} visits/s for ${seconds} s`);
        results.push(await runRate(broker, rate, load));
      }
    }
    reportLatency(results, { ...options, guarantee });
  } finally {
    await broker.stop();
  }
}

/** So many percent of what comes through when as much is offered as a bounded run makes. */
async function shareOfMaximum(
  broker: KafkaBroker,
  percent: number,
  load: RateOptions,
): Promise<number> {
  const offered = await measureBounded(broker, load.args);
  print(`${figureText(offered)} visits/s offered for a while`);
  const result = await runRate(broker, offered, load);
  const total = load.seconds + load.warmUpSeconds;
  const maximum = result.load.reachedRate - result.visitsBehind / total;
  const rate = Math.round((maximum * percent) / 100);
  print(
    `${percent} % of the maximum of ${figureText(maximum)}: ${figureText(rate)}`,
  );
  return rate;
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

async function runRate(
  broker: KafkaBroker,
  rate: number,
  { seconds, warmUpSeconds, args, isWatched }: RateOptions,
): Promise<RateResult> {
  const { brokers } = broker;
  // A rate may be offered again, and a group goes on where it was.
  const name = `${rate}-${runs++}`;
  const inTopic = await newTopic(broker, `visits-${name}`);
  const config = { "message.timestamp.type": "LogAppendTime" };
  const outTopic = await newTopic(broker, `sessions-${name}`, config);
  const histograms = resultPath(`latency-${name}`);
  await settle(broker.pid);
  const processor = new Processor([
    ...["--brokers", brokers, "--group", `bench-${name}`],
    ...["--from", `kafka:${inTopic}`, "--to", `kafka:${outTopic}`],
    ...["--histograms", `${histograms}/job`],
    ...args,
  ]);
  const asker = isWatched ? watch(`http://${ADMIN}`) : null;
  try {
    await Promise.all([sleep(JOIN_MS), asker]);
    const pids = `broker=${broker.pid},processor=${processor.child.pid!}`;
    const load = await runLoad([
      ...["--brokers", brokers, "--to", `kafka:${inTopic}`],
      ...["--sessions", `kafka:${outTopic}`, "--rate", String(rate)],
      ...["--duration", `${seconds}s`, "--warm-up", `${warmUpSeconds}s`],
      ...["--pid", pids, "--histograms", histograms],
    ]);
    processor.stop();
    const { summary } = await processor.figures();
    return {
      load,
      histograms,
      visitsBehind: load.visits - summary.visitsIn,
      processing: await jobLatency(`${histograms}/job/processing.hlog`, load),
      closing: await jobLatency(`${histograms}/job/closing.hlog`, load),
    };
  } finally {
    processor.stop();
    await (await asker)?.close();
  }
}

async function watch(url: string): Promise<Watcher> {
  await untilAnswers(url);
  const watcher = await Watcher.open(url);
  await watcher.begin();
  return watcher;
}

function adminOf(text: string): "on" | "off" | "watched" {
  if (text === "on" || text === "off" || text === "watched") return text;
  throw optionError("admin", text, "on, off or watched");
}

/** What the job measured itself while the load was measured. */
async function jobLatency(
  path: string,
  { measuredFromMs, measuredToMs }: LoadedRate,
): Promise<SeriesReport> {
  const range = {
    from: { kind: "instant", ms: measuredFromMs },
    to: { kind: "instant", ms: measuredToMs },
  } as const;
  const series = await readLatencyFile(path, { range, warn: print });
  return comparisonReport(series)[0]!;
}

await runBench(main);
