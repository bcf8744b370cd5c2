import process from "node:process";
import { Random } from "../../src/generate/random.ts";
import { Command, type Ended } from "../e2e/command.ts";
import { waitUntil } from "../support/wait_until.ts";
import { keepLog } from "./keep_log.ts";
import { readEvidence, type StormTopics } from "./read_evidence.ts";
import { type StormFault, stormFaults } from "./storm_checks.ts";
import type { StormEvidence } from "./storm_evidence.ts";
import { StormLoad } from "./storm_load.ts";
import { StormOffsets, silence } from "./storm_offsets.ts";
import {
  jobArguments,
  type LifeOptions,
  type StormOptions,
} from "./storm_options.ts";
import { STORM_WINDOWS } from "./visit_plan.ts";

/** Every partition of a storm's topics of sessions, late visits, dead letters. */
const OUTPUT_PARTITIONS = 2;
const LIFE_MAX_MS = 4 * 3_600_000;
const SETTLE_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 30_000;

/** What came of a storm. */
export interface StormResult {
  readonly faults: readonly StormFault[];
  readonly visits: number;
  readonly sessions: number;
  readonly evidence: StormEvidence;
}

/** A job under a load of visits, to which anything can be done. */
export class Storm {
  readonly random: Random;
  readonly load: StormLoad;
  readonly topics: StormTopics;
  readonly group: string;
  readonly options: StormOptions;
  /** Processes that were started and not seen to end. */
  readonly lives = new Set<Command>();
  readonly #offsets: StormOffsets;
  /** What went wrong while the storm lasted. */
  readonly #failures: string[] = [];
  #lives = 0;
  readonly #endings: (() => void)[] = [];
  readonly #endedByUs = new WeakSet<Command>();

  private constructor(options: StormOptions) {
    const { broker, name, seed, partitions = 3, ...rest } = options;
    this.options = options;
    this.random = new Random(seed);
    this.group = `${name}-group`;
    this.topics = {
      visits: `${name}-visits`,
      sessions: `${name}-sessions`,
      late: `${name}-late`,
      deadLetters: `${name}-dead-letters`,
    };
    this.#offsets = new StormOffsets(broker.brokers, {
      topic: this.topics.visits,
      group: this.group,
    });
    this.load = new StormLoad({
      poisonPercent: 0,
      isScattered: false,
      userBytes: 0,
      ...rest,
      seed,
      partitions,
      brokers: broker.brokers,
      topic: this.topics.visits,
    });
  }

  /** Makes the topics and begins to send visits. */
  static async begin(options: StormOptions): Promise<Storm> {
    const storm = new Storm(options);
    const { broker, partitions = 3 } = options;
    const { visits, ...outputs } = storm.topics;
    await broker.createTopic(visits, { partitions });
    for (const topic of Object.values(outputs)) {
      await broker.createTopic(topic, { partitions: OUTPUT_PARTITIONS });
    }
    storm.load.start();
    return storm;
  }

  tell(text: string): void {
    this.options.tell?.(text);
  }

  /** Notes a fault that is seen while the storm lasts. */
  failed(text: string): void {
    this.#failures.push(text);
    this.tell(`FAILURE: ${text}`);
  }

  /** Does something when the storm is over. */
  endWith(work: () => void): void {
    this.#endings.push(work);
  }

  /** Starts a process of the job. */
  live(options: LifeOptions = {}): Command {
    const { topics } = this;
    const { guarantee } = this.options;
    const { brokers = this.#brokers, environment = {} } = options;
    this.#lives++;
    // Nothing is committed, so a life need not wait for the one before it.
    const group =
      guarantee === "none" ? `${this.group}-${this.#lives}` : this.group;
    const job = { brokers, group, topics, guarantee };
    const life = new Command(jobArguments(options, job), {
      environment,
      deadlineMs: LIFE_MAX_MS,
    });
    this.lives.add(life);
    const number = this.#lives;
    // Nothing is left of a storm that is broken off.
    const endIt = () => life.kill("SIGKILL");
    process.once("exit", endIt);
    life.gone().then(({ exitCode, stderr }) => {
      this.lives.delete(life);
      process.off("exit", endIt);
      const { logs = null, name } = this.options;
      if (logs !== null) keepLog(logs, `${name}-${number}.log`, stderr);
      if (this.#endedByUs.has(life)) return;
      const end = stderr.split("\n").slice(-15).join("\n");
      this.failed(`a process ended by itself, exit code ${exitCode}: ${end}`);
    });
    return life;
  }

  /** Ends a process with SIGKILL; tells how far behind the job is then. */
  async kill(life: Command): Promise<number> {
    this.endIsExpected(life);
    life.kill("SIGKILL");
    const acknowledged = new Map(this.load.acknowledged);
    await life.gone();
    return await this.#offsets.behind(acknowledged);
  }

  /** That a process ends is no fault from here on. */
  endIsExpected(life: Command): void {
    this.#endedByUs.add(life);
  }

  /** Resolves when the group has committed more; rejects when it does not. */
  async progress(): Promise<void> {
    await this.#moved((moved) => moved.some(Boolean));
  }

  /** The same of every partition. */
  async progressEverywhere(): Promise<void> {
    await this.#moved((moved) => moved.every(Boolean));
  }

  #moved(isEnough: (moved: boolean[]) => boolean): Promise<void> {
    return this.#offsets.moved(isEnough, () => this.#assertAlive());
  }

  /**
   * Ends the load with visits that close everything, waits until the job is
   * through, stops its processes in good order and checks all that is there.
   */
  async finish(): Promise<StormResult> {
    await this.load.close();
    await this.#settle();
    for (const life of this.lives) await this.stop(life);
    const { topics, group, load, options } = this;
    const evidence = await readEvidence(options.broker.brokers, {
      topics,
      group,
      ledger: load.ledger,
    });
    const { gapMs } = STORM_WINDOWS;
    const { isScattered = false } = options;
    const faults = stormFaults(evidence, {
      ...{ gapMs, isScattered },
      mayRepeat: options.guarantee === "at-least-once",
    });
    return {
      faults: [...this.#failureFaults(), ...faults],
      visits: evidence.visits.length,
      sessions: new Set(evidence.forms.map(({ id }) => id)).size,
      evidence,
    };
  }

  /** Ends what is left of the storm, the hard way. */
  async abandon(): Promise<void> {
    await this.load.stop().catch(() => {});
    for (const life of this.lives) {
      this.endIsExpected(life);
      life.kill("SIGKILL");
      await life.gone();
    }
    for (const end of this.#endings) end();
  }

  /** Stops a process in good order; throws when that is not how it ends. */
  async stop(life: Command): Promise<Ended> {
    this.endIsExpected(life);
    life.kill("SIGTERM");
    const late = setTimeout(() => life.kill("SIGKILL"), STOP_TIMEOUT_MS);
    const ended = await life.gone();
    clearTimeout(late);
    if (ended.exitCode !== 0) {
      const why = `exit code ${ended.exitCode}: ${ended.stderr}`;
      throw new Error(`Cannot stop a process in good order: ${why}`);
    }
    return ended;
  }

  #failureFaults(): StormFault[] {
    const examples = this.#failures;
    if (examples.length === 0) return [];
    const check = "failure while the storm lasted";
    return [{ check, count: examples.length, examples }];
  }

  async #settle(): Promise<void> {
    if (this.options.guarantee !== "none") {
      await waitUntil(() => this.#isThrough(), {
        timeoutMs: SETTLE_TIMEOUT_MS,
      });
    }
    // What is read and committed may still have to fire, at another owner's.
    await silence(this.#brokers, this.topics.sessions);
  }

  async #isThrough(): Promise<boolean> {
    this.#assertAlive();
    const hasMembers = await this.#offsets.hasMembers(this.lives.size);
    return hasMembers && (await this.#offsets.isAtEnd());
  }

  #assertAlive(): void {
    if (this.lives.size > 0) return;
    const why = this.#failures.join("\n");
    throw new Error(`Cannot wait for the job: no process is alive\n${why}`);
  }

  get #brokers(): string {
    return this.options.broker.brokers;
  }
}
