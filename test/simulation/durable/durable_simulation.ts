import assert from "node:assert/strict";
import { Random } from "../../../src/generate/random.ts";
import { ModelKafka } from "../kafka/model_kafka.ts";
import { START_MS } from "../plan.ts";
import { Scheduler } from "../scheduler.ts";
import { committedTopicId } from "./committed_log.ts";
import {
  type DurablePlan,
  durablePlanOf,
  type Mishap,
} from "./durable_plan.ts";
import {
  DEAD_LETTERS_TOPIC,
  GROUP,
  LATE_TOPIC,
  OUTPUT_PARTITIONS,
  SESSIONS_TOPIC,
} from "./durable_process.ts";
import { Ledger, planInput, VISITS_TOPIC } from "./ledger.ts";
import { LOG_TOPIC } from "./model_durable.ts";
import { Processes } from "./processes.ts";

/** What a run has left behind. */
export interface DurableRun {
  readonly plan: DurablePlan;
  readonly kafka: ModelKafka;
  readonly ledger: Ledger;
  /** How often each of these has come about. */
  readonly seen: Readonly<Record<string, number>>;
  /** Changes with anything that happens in another order. */
  readonly traceHash: string;
}

/** Until all is at rest behind the last mishap, ms, at most. */
const REST_MS = 120_000;

/**
 * Runs the processes of a seed against the model of Kafka, with all that befalls
 * them, until all input is committed. Throws when that does not come about, or
 * when a process ends in a way that it must not.
 */
export async function simulateDurably(
  seed: number,
  plan: DurablePlan = durablePlanOf(seed),
): Promise<DurableRun> {
  const simulation = new DurableSimulation(plan);
  return await simulation.run();
}

class DurableSimulation {
  readonly #plan: DurablePlan;
  readonly #scheduler: Scheduler;
  readonly #kafka: ModelKafka;
  readonly #ledger: Ledger;
  readonly #processes: Processes;

  constructor(plan: DurablePlan) {
    this.#plan = plan;
    const random = new Random(plan.seed + 1_000_000);
    const scheduler = new Scheduler(random, START_MS);
    const kafka = new ModelKafka(scheduler, random, plan);
    this.#scheduler = scheduler;
    this.#kafka = kafka;
    this.#ledger = new Ledger(kafka);
    this.#processes = new Processes(plan, { scheduler, random, kafka });
  }

  async run(): Promise<DurableRun> {
    const plan = this.#plan;
    const kafka = this.#kafka;
    const scheduler = this.#scheduler;
    kafka.createTopic(VISITS_TOPIC, plan.partitionCount);
    kafka.createTopic(LOG_TOPIC, plan.partitionCount);
    for (const topic of [SESSIONS_TOPIC, LATE_TOPIC, DEAD_LETTERS_TOPIC]) {
      kafka.createTopic(topic, OUTPUT_PARTITIONS);
    }
    const processes = this.#processes;
    planInput(plan, { ledger: this.#ledger, kafka, scheduler });
    for (const [slot, atMs] of plan.startsAtMs.entries()) {
      scheduler.at(atMs, "a process starts", () => processes.start(slot));
    }
    for (const mishap of plan.mishaps) {
      scheduler.at(mishap.atMs, mishap.kind, () => this.#befall(mishap));
    }
    const work = this.#toTheEnd();
    work.catch(() => {});
    await scheduler.drive(Promise.race([work, processes.failure]));
    const { seen } = processes;
    const traceHash = scheduler.traceHash();
    return { plan, kafka, ledger: this.#ledger, seen, traceHash };
  }

  async #toTheEnd(): Promise<void> {
    const { calmAtMs } = this.#plan.network;
    const scheduler = this.#scheduler;
    await scheduler.pause("calm", calmAtMs + 200 - scheduler.nowMs());
    const endMs = scheduler.nowMs() + REST_MS;
    for (let rested = 0; rested < 4; ) {
      await scheduler.pause("rest", 250);
      rested = this.#unrest() === null ? rested + 1 : 0;
      if (scheduler.nowMs() > endMs) {
        throw new Error(`It does not come to rest: ${this.#unrest()}`);
      }
    }
    await this.#processes.end();
    for (let waitedMs = 0; this.#unrest() !== null; waitedMs += 250) {
      assert.ok(waitedMs < REST_MS, `After the end: ${this.#unrest()}`);
      await scheduler.pause("rest", 250);
    }
  }

  /** What is still to be done; null: nothing. */
  #unrest(): string | null {
    const kafka = this.#kafka;
    if (this.#processes.hasTwins) return "two processes have one name";
    const { open } = kafka.transactions;
    if (open.length > 0) return `transactions of ${open} are open`;
    const { committed, isAnyUnstable } = kafka.group(GROUP).offsets;
    if (isAnyUnstable) return "offsets are not stable";
    const { id, partitions } = kafka.topic(VISITS_TOPIC);
    for (const [partition, { endOffset }] of partitions.entries()) {
      const offset = committed.get(partition)?.offset ?? 0;
      if (offset !== endOffset) {
        return `partition ${partition} is at ${offset} of ${endOffset}`;
      }
      if (offset > 0 && committedTopicId(kafka, partition) !== id) {
        return `partition ${partition} is at ${offset} of the topic before`;
      }
    }
    return null;
  }

  #befall({ kind, slot, forMs }: Mishap): void {
    const kafka = this.#kafka;
    const processes = this.#processes;
    switch (kind) {
      case "kill":
        processes.kill(slot, forMs);
        return;
      case "freeze":
        processes.freeze(slot, forMs);
        return;
      case "stop":
        processes.stop(slot);
        return;
      case "twin":
        processes.double(slot);
        return;
      case "brokers away":
        kafka.goAway(forMs);
        break;
      case "partition added":
        kafka.grow(VISITS_TOPIC, 1 + this.#partitionCount);
        break;
      case "topic made anew":
        this.#ledger.startAnew();
        break;
    }
    processes.count(kind);
  }

  get #partitionCount(): number {
    return this.#kafka.topic(VISITS_TOPIC).partitions.length;
  }
}
