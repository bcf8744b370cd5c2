import type { KafkaBroker } from "../docker/local_kafka/kafka_broker.ts";
import { loadVisits, newTopic, startBroker } from "./support/bench_broker.ts";
import { benchOptions, countOf, runBench } from "./support/bench_options.ts";
import { type ReportPlace, writeReport } from "./support/bench_report.ts";
import { samplesOf } from "./support/compare_reports.ts";
import {
  type Comparison,
  compareSessions,
} from "./support/compare_sessions.ts";
import { type KafkaRun, runRow } from "./support/kafka_runs.ts";
import {
  type GuardedRunOptions,
  type Opponent,
  opponentName,
  opponentOf,
  runGuarded,
  runOpponent,
} from "./support/opponents.ts";
import { settle } from "./support/settle.ts";
import { median } from "./support/statistics.ts";
import {
  figureText,
  print,
  printTable,
  type TableRow,
} from "./support/table.ts";

// Bounded runs of the processor from a topic of generated visits into an empty
// topic, and of a peer over the same topic in turn with them. With a guarantee,
// runs without an end drain the topic instead, in turn with a peer that promises
// the same, or with runs that promise nothing.

const VISITS_TOPIC = "visits";
const MEGA = 1e6;
const WARM_UP_MS = 12_000;

async function main(): Promise<void> {
  const options = benchOptions(
    "Runs from topic to topic on a broker that it starts, alone or against a peer.",
    {
      visits: ["2000000", "visits in the topic"],
      rounds: ["5", "runs of each that count"],
      workers: [null, "of the processor"],
      peer: [null, "flink, kafkajs, or the folder of another checkout"],
      guarantee: ["none", "of the processor, and of Flink"],
    },
  );
  const visits = countOf("visits", options.visits);
  const rounds = countOf("rounds", options.rounds);
  const { guarantee } = options;
  const peer = await opponentOf(options.peer, guarantee);
  const broker = await startBroker();
  try {
    print(`Loading ${visits} visits`);
    await loadVisits(broker, VISITS_TOPIC, ["--count", String(visits)]);
    const { workers } = options;
    const bench = new KafkaBench(broker, {
      ...{ visits, workers, peer, guarantee },
    });
    await bench.warmUp();
    for (let round = 0; round < rounds; round++) await bench.round(round);
    bench.report(options);
  } finally {
    await broker.stop();
  }
}

/** Runs something until it has run for `WARM_UP_MS`, at least once. */
async function forAWhile(run: () => Promise<unknown>): Promise<void> {
  const endMs = performance.now() + WARM_UP_MS;
  do await run();
  while (performance.now() < endMs);
}

/** What a bench runs. */
interface KafkaBenchOptions {
  readonly visits: number;
  /** Null for the processor's default. */
  readonly workers: string | null;
  readonly peer: Opponent | null;
  readonly guarantee: string;
}

class KafkaBench {
  readonly #broker: KafkaBroker;
  readonly #options: KafkaBenchOptions;
  readonly #ours: KafkaRun[] = [];
  readonly #theirs: KafkaRun[] = [];
  readonly #comparisons: Comparison[] = [];

  constructor(broker: KafkaBroker, options: KafkaBenchOptions) {
    this.#broker = broker;
    this.#options = options;
  }

  /** Runs of each that do not count: a new broker compiles its code. */
  async warmUp(): Promise<void> {
    const { peer } = this.#options;
    let topics = 0;
    const newOptions = async () =>
      this.#runOptions(await newTopic(this.#broker, `warm-up-${topics++}`));
    await forAWhile(async () => runGuarded(this.#broker, await newOptions()));
    if (peer === null) return;
    await forAWhile(async () =>
      runOpponent(peer, this.#broker, await newOptions()),
    );
  }

  /** One run of each, the order changing from round to round. */
  async round(round: number): Promise<void> {
    const { peer } = this.#options;
    const outTopic = await newTopic(this.#broker, `sessions-${round}`);
    if (peer === null) return await this.#addOurs(outTopic);
    const peerTopic = await newTopic(this.#broker, `peer-sessions-${round}`);
    if (round % 2 === 0) await this.#addOurs(outTopic);
    await this.#addTheirs(peer, peerTopic);
    if (round % 2 === 1) await this.#addOurs(outTopic);
    await this.#compare([outTopic, peerTopic]);
  }

  async #addOurs(outTopic: string): Promise<void> {
    await settle(this.#broker.pid);
    const run = this.#runOptions(outTopic);
    this.#ours.push(this.#checked(await runGuarded(this.#broker, run)));
  }

  async #addTheirs(peer: Opponent, outTopic: string): Promise<void> {
    await settle(this.#broker.pid);
    const run = this.#runOptions(outTopic);
    this.#theirs.push(
      this.#checked(await runOpponent(peer, this.#broker, run)),
    );
  }

  #runOptions(outTopic: string): GuardedRunOptions {
    const { workers, guarantee } = this.#options;
    const args = workers === null ? [] : ["--workers", workers];
    return { inTopic: VISITS_TOPIC, outTopic, args, guarantee };
  }

  #checked(run: KafkaRun): KafkaRun {
    print(`  ${run.system}: ${figureText(run.visitsPerSecond)} visits/s`);
    const { visits } = this.#options;
    if (run.visits === visits) return run;
    throw new Error(
      `Cannot compare: ${run.system} read ${run.visits} visits of ${visits}`,
    );
  }

  async #compare(topics: readonly [string, string]): Promise<void> {
    const compared = await compareSessions(this.#broker.brokers, topics);
    this.#comparisons.push(compared);
    const { sessions, onlyInFirst, onlyInSecond } = compared;
    print(
      `  sessions: ${sessions} equal, ${onlyInFirst} only ours, ${onlyInSecond} only theirs`,
    );
  }

  /** Prints the tables, writes the JSON, fails when outputs differ. */
  report(place: ReportPlace): void {
    printTable("Runs", [...this.#ours, ...this.#theirs].map(runRow));
    printTable("Threads, CPU s per million visits", this.#threadRows());
    const ratios = this.#ratios();
    if (ratios.length > 0) {
      printTable(`sessionmill against ${this.#peerName}`, [
        ...ratios.map((ratio, pair) => ({ pair: String(pair + 1), ...ratio })),
        { pair: "median", ...medianRatio(ratios) },
      ]);
    }
    writeReport(
      this.#options.peer === null ? "kafka" : `kafka_${this.#peerName}`,
      {
        options: this.#options,
        ours: this.#ours,
        theirs: this.#theirs,
        ratios,
        comparisons: this.#comparisons,
      },
      {
        ...place,
        samples: {
          ...samplesOf("sessionmill", this.#ours),
          ...samplesOf(this.#peerName, this.#theirs),
        },
      },
    );
    // A drain leaves windows open that the end of a bounded run closes.
    const { guarantee, peer } = this.#options;
    const isOpen = guarantee !== "none" && peer === "flink";
    const differing = this.#comparisons.filter(
      ({ onlyInFirst, onlyInSecond }) =>
        onlyInFirst + (isOpen ? 0 : onlyInSecond) > 0,
    );
    if (differing.length > 0) throw new Error("The sessions are not the same");
  }

  get #peerName(): string {
    return opponentName(this.#options.peer);
  }

  #threadRows(): TableRow[] {
    return [...this.#ours, ...this.#theirs].flatMap((run) => {
      const { system, visits, processor } = run;
      if (processor === null) return [];
      const { cpuSeconds, gc } = processor;
      const perMillion = (seconds: number) => (seconds / visits) * MEGA;
      return {
        system,
        process: perMillion(cpuSeconds.total),
        main: perMillion(cpuSeconds.main),
        ...Object.fromEntries(
          cpuSeconds.shards.map((s, i) => [`shard ${i}`, perMillion(s)]),
        ),
        "GC, JIT, libuv": perMillion(cpuSeconds.others),
        "GC pauses main": gc.main.pauses,
        "longest ms": gc.main.maxMs,
        "GC pauses shards": gc.shards.pauses,
        "their longest ms": gc.shards.maxMs,
      };
    });
  }

  #ratios(): Ratio[] {
    return this.#theirs.map((theirs, pair) => {
      const ours = this.#ours[pair]!;
      return {
        "times its visits/s": ours.visitsPerSecond / theirs.visitsPerSecond,
        "part of its CPU":
          ours.cpuSecondsPerMillion / theirs.cpuSecondsPerMillion,
        "part of its RSS": ours.peakRssMegabytes / theirs.peakRssMegabytes,
      };
    });
  }
}

/** Ours over theirs, by figure. */
type Ratio = Record<string, number>;

function medianRatio(ratios: readonly Ratio[]): Ratio {
  const names = Object.keys(ratios[0]!);
  return Object.fromEntries(
    names.map((name) => [name, median(ratios.map((ratio) => ratio[name]!))]),
  );
}

await runBench(main);
