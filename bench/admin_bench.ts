import type { KafkaBroker } from "../docker/local_kafka/kafka_broker.ts";
import { type AskerName, startAsker } from "./support/admin_askers.ts";
import { loadVisits, startBroker } from "./support/bench_broker.ts";
import { benchOptions, countOf, runBench } from "./support/bench_options.ts";
import { writeReport } from "./support/bench_report.ts";
import { type Samples, samplesOf } from "./support/compare_reports.ts";
import { Processor } from "./support/processor.ts";
import { median } from "./support/statistics.ts";
import { print, printTable, type TableRow } from "./support/table.ts";

// What it costs a run to be looked at: CPU of the processor a million visits, in
// bounded runs from a topic to nowhere that take turns. Off: without the admin
// server; alone: nobody asks; watched: its page is open in a browser and its
// metrics are scraped each second; asked: open sessions are looked up.

const WAYS = ["off", "alone", "watched", "asked"] as const;
type Way = (typeof WAYS)[number];

const ASKER: Readonly<Record<Way, AskerName | null>> = {
  off: null,
  alone: null,
  watched: "page",
  asked: "lookups",
};
const TOPIC = "visits";
const ADMIN = "127.0.0.1:9564";
const MEGA = 1e6;

/** One run. */
interface AdminRun {
  readonly way: Way;
  readonly cpuSecondsPerMillion: number;
  readonly visitsPerSecond: number;
  readonly peakRssMegabytes: number;
  /** Answers that the server gave in time, and all others. */
  readonly answered: number;
  readonly failed: number;
}

async function main(): Promise<void> {
  const options = benchOptions(
    "What it costs a run to be looked at: its page open, scraped, asked for sessions.",
    {
      visits: ["6000000", "visits in the topic"],
      rounds: ["5", "runs of each way"],
      lookups: ["2000", "look-ups a second"],
      workers: [null, "of the processor"],
    },
  );
  const rounds = countOf("rounds", options.rounds);
  const lookupsPerSecond = countOf("lookups", options.lookups);
  const { visits, workers } = options;
  const args = workers === null ? [] : ["--workers", workers];
  const broker = await startBroker();
  const runs: AdminRun[] = [];
  try {
    print(`Writing ${visits} visits`);
    await loadVisits(broker, TOPIC, ["--count", visits]);
    for (let round = 1; round <= rounds; round++) {
      for (const way of WAYS) {
        const run = await runOnce(broker, { way, args, lookupsPerSecond });
        print(`${round} ${lineOf(run)}`);
        runs.push(run);
      }
    }
  } finally {
    await broker.stop();
  }
  const rows = WAYS.map((way) => rowOf(way, runs));
  printTable("Cost of being looked at (medians)", rows);
  const parts = WAYS.map((way) =>
    samplesOf(
      way,
      runs.filter((run) => run.way === way),
    ),
  );
  const samples: Samples = Object.assign({}, ...parts);
  writeReport("admin", { rows, runs }, { ...options, samples });
}

async function runOnce(
  broker: KafkaBroker,
  options: { way: Way; args: readonly string[]; lookupsPerSecond: number },
): Promise<AdminRun> {
  const { way, args, lookupsPerSecond } = options;
  const processor = new Processor([
    ...["--brokers", broker.brokers, "--bounded"],
    ...["--from", `kafka:${TOPIC}`, "--to", "null"],
    ...["--admin", way === "off" ? "off" : ADMIN],
    ...args,
  ]);
  const name = ASKER[way];
  const url = `http://${ADMIN}`;
  const asker =
    name === null ? null : await startAsker(name, { url, lookupsPerSecond });
  try {
    const { summary, cpuSeconds, peakRssBytes } = await processor.figures();
    const counts = (await asker?.stop()) ?? { answered: 0, failed: 0 };
    const cpu = cpuSeconds.total - cpuSeconds.start;
    return {
      way,
      cpuSecondsPerMillion: (cpu / summary.visitsIn) * MEGA,
      visitsPerSecond: summary.visitsPerSecond,
      peakRssMegabytes: peakRssBytes / MEGA,
      ...counts,
    };
  } finally {
    processor.stop();
    await asker?.stop();
  }
}

function lineOf(run: AdminRun): string {
  const { way, cpuSecondsPerMillion, answered, failed } = run;
  const cpu = `${cpuSecondsPerMillion.toFixed(3)} CPU s a million`;
  return `${way}: ${cpu}, ${answered} answered, ${failed} failed`;
}

/** Medians, and the median of the ratios to the run `off` of the same round. */
function rowOf(way: Way, runs: readonly AdminRun[]): TableRow {
  const of = (each: Way) => runs.filter((run) => run.way === each);
  const own = of(way);
  const off = of("off");
  const middle = (figure: (run: AdminRun) => number) => median(own.map(figure));
  const ratios = own.map(
    (run, i) => run.cpuSecondsPerMillion / off[i]!.cpuSecondsPerMillion,
  );
  return {
    way,
    "CPU s/M": middle((run) => run.cpuSecondsPerMillion).toFixed(3),
    "CPU to off": median(ratios).toFixed(3),
    "visits/s": Math.round(middle((run) => run.visitsPerSecond)),
    "peak RSS MB": Math.round(middle((run) => run.peakRssMegabytes)),
    answered: middle((run) => run.answered),
    failed: middle((run) => run.failed),
  };
}

await runBench(main);
