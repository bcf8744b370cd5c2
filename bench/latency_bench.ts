import { setTimeout as sleep } from "node:timers/promises";
import type { KafkaBroker } from "../docker/local_kafka/kafka_broker.ts";
import {
  comparisonReport,
  type SeriesReport,
} from "../src/latency/compare_series.ts";
import { readLatencyFile } from "../src/latency/read_latency_file.ts";
import {
  ADMIN,
  type Asker,
  ensureBrowser,
  untilAnswers,
  Watcher,
} from "./support/admin_askers.ts";
import { loadVisits, newTopic, startBroker } from "./support/bench_broker.ts";
import {
  benchOptions,
  countOf,
  countsOf,
  runBench,
} from "./support/bench_options.ts";
import { resultPath } from "./support/bench_report.ts";
import { runOurs } from "./support/kafka_runs.ts";
import { type RateResult, reportLatency } from "./support/latency_report.ts";
import {
  type LatencyVariant,
  latencyVariants,
} from "./support/latency_variants.ts";
import { type LoadedRate, runLoad } from "./support/load_run.ts";
import { PagePoller } from "./support/page_poller.ts";
import { Processor } from "./support/processor.ts";
import { settle } from "./support/settle.ts";
import { figureText, print } from "./support/table.ts";

// Latency under an open load: load, broker and processor on one machine. Variants
// take turns, each round the other way round, for machines differ from minute to
// minute.

const DOES =
  "Latencies under `sessionmill load` at fixed rates, a broker and a processor beside it.";
const JOIN_MS = 3_000;
const MAXIMUM_VISITS = 1_000_000;
const SECONDS_OF_WARMING = 10;
let runs = 0;

/** How a rate is loaded. */
interface RateOptions {
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly variant: LatencyVariant;
}

async function main(): Promise<void> {
  const options = benchOptions(DOES, {
    rates: ["10000,50000,100000,200000", "visits a second, one by one"],
    seconds: ["20", "how long a rate is measured"],
    "warm-up": ["3", "seconds of load before that, which do not count"],
    rounds: ["1", "repeats of all rates, for the spread"],
    share: [null, "also at this percentage of what comes through at most"],
    workers: [null, "of the processor; as a list: in turn"],
    guarantee: ["none", "of the processor; as a list: in turn"],
    admin: [
      "on",
      "on, off, watched by a page, polled as by one; as a list: in turn",
    ],
    peer: [null, "the folder of another checkout, in turn with this one"],
  });
  const variants = latencyVariants(options);
  const seconds = countOf("seconds", options.seconds);
  const warmUpSeconds = countOf("warm-up", options["warm-up"]);
  const rounds = countOf("rounds", options.rounds);
  const load = { seconds, warmUpSeconds, variant: variants[0]! };
  const rates = countsOf("rates", options.rates);
  if (variants.some(({ asker }) => asker === "page")) await ensureBrowser();
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
        for (const variant of inTurn(variants, round)) {
          const name = variant.name && `, ${variant.name}`;
          print(`${figureText(rate)} visits/s for ${seconds} s${name}`);
          results.push(await runRate(broker, rate, { ...load, variant }));
        }
      }
    }
    reportLatency(results, options);
  } finally {
    await broker.stop();
  }
}

/** What goes first in one round goes last in the next. */
function inTurn(
  variants: readonly LatencyVariant[],
  round: number,
): readonly LatencyVariant[] {
  return round % 2 === 0 ? variants : variants.toReversed();
}

/** So many percent of what comes through when as much is offered as a bounded run makes. */
async function shareOfMaximum(
  broker: KafkaBroker,
  percent: number,
  load: RateOptions,
): Promise<number> {
  const offered = await measureBounded(broker, load.variant);
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
  { args }: LatencyVariant,
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
  { seconds, warmUpSeconds, variant }: RateOptions,
): Promise<RateResult> {
  const { brokers } = broker;
  // A rate may be offered again, and a group goes on where it was.
  const name = `${rate}-${runs++}`;
  const inTopic = await newTopic(broker, `visits-${name}`);
  const config = { "message.timestamp.type": "LogAppendTime" };
  const outTopic = await newTopic(broker, `sessions-${name}`, config);
  const histograms = resultPath(`latency-${name}`);
  await settle(broker.pid);
  const flags = [
    ...["--brokers", brokers, "--group", `bench-${name}`],
    ...["--from", `kafka:${inTopic}`, "--to", `kafka:${outTopic}`],
    ...["--histograms", `${histograms}/job`],
    ...variant.args,
  ];
  const processor = new Processor(flags, variant.checkout);
  const asker = openAsker(variant.asker, `http://${ADMIN}`);
  try {
    await Promise.all([sleep(JOIN_MS), asker]);
    const pids = `broker=${broker.pid},processor=${processor.child.pid!}`;
    const load = await runLoad([
      ...["--brokers", brokers, "--to", `kafka:${inTopic}`],
      ...["--sessions", `kafka:${outTopic}`, "--rate", String(rate)],
      ...["--duration", `${seconds}s`, "--warm-up", `${warmUpSeconds}s`],
      ...["--pid", pids, "--histograms", histograms],
    ]);
    assertAnswered(await asker);
    processor.stop();
    const { summary } = await processor.figures();
    return {
      variant: variant.name,
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

/** Asks the admin server from here on. */
async function openAsker(
  kind: LatencyVariant["asker"],
  url: string,
): Promise<Asker | null> {
  if (kind === null) return null;
  await untilAnswers(url);
  const asker = await (kind === "page" ? Watcher : PagePoller).open(url);
  await asker.begin();
  return asker;
}

function assertAnswered(asker: Asker | null): void {
  if (asker === null) return;
  const { answered, failed } = asker.counts;
  if (answered > 0 && failed === 0) return;
  const told = `${answered} answers came, ${failed} did not`;
  throw new Error(`Cannot measure a processor that is asked: ${told}`);
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
