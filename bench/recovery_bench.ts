import type { KafkaBroker } from "../docker/local_kafka/kafka_broker.ts";
import type { DurabilitySummary } from "../src/observe/durability_meters.ts";
import { newTopic, startBroker } from "./support/bench_broker.ts";
import {
  benchOptions,
  countOf,
  countsOf,
  runBench,
} from "./support/bench_options.ts";
import { writeReport } from "./support/bench_report.ts";
import { isAtEnd, OffsetWatch } from "./support/offset_watch.ts";
import { loadOpenSessions } from "./support/open_sessions.ts";
import { Processor } from "./support/processor.ts";
import { median } from "./support/statistics.ts";
import {
  figureText,
  print,
  printTable,
  type TableRow,
} from "./support/table.ts";

// How long a job is away: from the start of a process to when it has applied what
// its first commit of all partitions covers, visits that came while there was
// none, and to that commit, after a kill -9 and after a SIGTERM; and from a kill -9
// to the same of another process, that has waited with half of the partitions.

const WAYS = ["kill -9", "SIGTERM", "failover"] as const;
type Way = (typeof WAYS)[number];

const SESSION_TIMEOUT = "6s";
/** As many sessions get one visit while nobody is there. */
const MISSED_SESSIONS = 1000;
const MEGA = 1e6;

async function main(): Promise<void> {
  const options = benchOptions(
    "How long a job is away: after kill -9, after SIGTERM, and when another takes over.",
    {
      sessions: ["10000,1000000", "open sessions, case by case"],
      visits: ["20", "visits of each"],
      rounds: ["3", "repeats of each case"],
      workers: [null, "of the processor"],
    },
  );
  const { workers } = options;
  const args = workers === null ? [] : ["--workers", workers];
  const visits = countOf("visits", options.visits);
  const rounds = countOf("rounds", options.rounds);
  const broker = await startBroker();
  const rows: TableRow[] = [];
  const samples: Record<string, readonly number[]> = {};
  try {
    for (const sessions of countsOf("sessions", options.sessions)) {
      const bench = new RecoveryBench(broker, { sessions, visits, args });
      rows.push(...(await bench.run(rounds)));
      Object.assign(samples, bench.samples);
    }
  } finally {
    await broker.stop();
  }
  printTable("To the first visit that came meanwhile, ms", rows);
  writeReport("recovery", { visits, rows }, { ...options, samples });
}

interface RecoveryOptions {
  /** Sessions that are open, of so many visits each. */
  readonly sessions: number;
  readonly visits: number;
  /** Options of the processor beside its topics. */
  readonly args: readonly string[];
}

/** A process, and the name of its seat. */
interface Living {
  readonly processor: Processor;
  readonly instance: string;
}

/** How long it took, ms. */
interface Away {
  readonly applied: number;
  readonly committed: number;
}

/** One number of open sessions. */
class RecoveryBench {
  /** Ms of each round, by what was done. */
  readonly samples: Record<string, readonly number[]> = {};
  readonly #broker: KafkaBroker;
  readonly #options: RecoveryOptions;
  readonly #topic: string;
  #sent: number;
  #instances = 0;
  #durability: DurabilitySummary | null = null;

  constructor(broker: KafkaBroker, options: RecoveryOptions) {
    this.#broker = broker;
    this.#options = options;
    this.#topic = `visits-${options.sessions}`;
    this.#sent = options.visits;
  }

  /** Opens the sessions, then ends and starts processes; a row a way. */
  async run(rounds: number): Promise<TableRow[]> {
    const { sessions, visits } = this.#options;
    print(`${figureText(sessions)} open sessions of ${visits} visits`);
    const { brokers } = this.#broker;
    const topic = await newTopic(this.#broker, this.#topic);
    await newTopic(this.#broker, this.#sink);
    await loadOpenSessions({ brokers, topic, sessions, visits });
    const watch = await OffsetWatch.open(brokers, { group: topic, topic });
    const took = new Map<Way, Away[]>(WAYS.map((way) => [way, []]));
    let living = this.#start();
    try {
      await this.#catchUp(watch, living);
      for (let round = 0; round < rounds; round++) {
        for (const way of WAYS) {
          const recovered = await this.#recover(watch, living, way);
          living = recovered.next;
          const { away } = recovered;
          took.get(way)!.push(away);
          const [applied, committed] = [away.applied, away.committed];
          print(
            `  ${way}: applied after ${figureText(applied)} ms, ` +
              `committed after ${figureText(committed)}`,
          );
        }
      }
      await this.#stop(living);
    } finally {
      living.processor.child.kill("SIGKILL");
      await watch.close();
    }
    return WAYS.map((way) => this.#row(way, took.get(way)!));
  }

  get #sink(): string {
    return `sessions-${this.#options.sessions}`;
  }

  /** Starts a process, by default with a new name. */
  #start(instance = `process-${this.#instances++}`): Living {
    const processor = new Processor([
      ...["--brokers", this.#broker.brokers, "--group", this.#topic],
      ...["--from", `kafka:${this.#topic}`, "--to", `kafka:${this.#sink}`],
      ...["--guarantee", "exactly-once", "--instance", instance],
      ...["--session-timeout", SESSION_TIMEOUT],
      ...this.#options.args,
    ]);
    return { processor, instance };
  }

  /** Ends the process that lives, and has another one go on. */
  async #recover(
    watch: OffsetWatch,
    living: Living,
    way: Way,
  ): Promise<{ readonly next: Living; readonly away: Away }> {
    const { processor, instance } = living;
    const standby = way === "failover" ? this.#start() : null;
    if (standby !== null) {
      await watch.hasMembers(2);
      await this.#miss();
      await this.#catchUp(watch, standby);
    }
    const before = await watch.committed();
    const killedAtMs = performance.now();
    if (way === "SIGTERM") await this.#stop(living);
    else processor.child.kill("SIGKILL");
    await processor.figures().catch(() => {});
    await this.#miss();
    const startedAtMs = standby === null ? performance.now() : killedAtMs;
    const next = standby ?? this.#start(instance);
    const committedAtMs = await watch.until(
      (now) => [...now].every(([p, at]) => at > before.get(p)!),
      next.processor.figures(),
    );
    const appliedAtMs = next.processor.appliedAtMs.findLast(
      (atMs) => atMs < committedAtMs,
    );
    await this.#catchUp(watch, next);
    const away = {
      applied: appliedAtMs! - startedAtMs,
      committed: committedAtMs - startedAtMs,
    };
    return { next, away };
  }

  /** Sends visits, of some of the sessions. */
  async #miss(): Promise<void> {
    const { brokers } = this.#broker;
    const sessions = Math.min(this.#options.sessions, MISSED_SESSIONS);
    const load = { sessions, visits: 1, skip: this.#sent++ };
    await loadOpenSessions({ brokers, topic: this.#topic, ...load });
  }

  async #catchUp(watch: OffsetWatch, { processor }: Living): Promise<void> {
    const ends = await watch.endsOf(this.#topic);
    await watch.until((now) => isAtEnd(now, ends), processor.figures());
  }

  async #stop({ processor }: Living): Promise<void> {
    processor.stop();
    this.#durability = (await processor.figures()).summary.durability;
  }

  #row(way: Way, took: readonly Away[]): TableRow {
    const { logBytes = Number.NaN, liveBytes = Number.NaN } =
      this.#durability ?? {};
    const { sessions } = this.#options;
    const applied = took.map((each) => each.applied);
    const committed = took.map((each) => each.committed);
    this.samples[`${sessions} open sessions, ${way}, ms`] = committed;
    return {
      "open sessions": sessions,
      way,
      "applied, median": median(applied),
      "its max": Math.max(...applied),
      "committed, median": median(committed),
      "its most": Math.max(...committed),
      "log MB": logBytes / MEGA,
      "live MB": liveBytes / MEGA,
    };
  }
}

await runBench(main);
