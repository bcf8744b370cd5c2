import assert from "node:assert/strict";
import { messageOf, RecoverableError } from "../../../src/errors.ts";
import { Random } from "../../../src/generate/random.ts";
import { ModelKafka } from "../kafka/model_kafka.ts";
import { ModelNetwork } from "../kafka/model_network.ts";
import { START_MS } from "../plan.ts";
import { Scheduler } from "../scheduler.ts";
import { SimulatedProcess } from "../simulated_process.ts";
import { SHARD_FAILS } from "./durable_fleet.ts";
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
  runProcess,
  SESSIONS_TOPIC,
} from "./durable_process.ts";
import { Ledger, planInput, VISITS_TOPIC } from "./ledger.ts";
import { LOG_TOPIC } from "./model_durable.ts";

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
/** A process that ended by itself is started again after this, ms. */
const START_AGAIN_MS = 500;
const WORKERS_MAX = 3;
/** How a process ends whose lives have ended too often. */
const TOO_MANY_FAILURES = "Cannot go on: 3 failures within a minute";

/** A place for a process, which may have one or not. */
interface Slot {
  readonly name: string;
  readonly stopping: AbortController;
  readonly process: SimulatedProcess;
  readonly ended: Promise<void>;
}

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
  readonly #random: Random;
  readonly #scheduler: Scheduler;
  readonly #kafka: ModelKafka;
  readonly #ledger: Ledger;
  readonly #slots: (Slot | null)[];
  readonly #failure = Promise.withResolvers<never>();
  readonly #seen: Record<string, number> = {};
  #started = 0;
  #isEnding = false;

  constructor(plan: DurablePlan) {
    this.#plan = plan;
    this.#random = new Random(plan.seed + 1_000_000);
    this.#scheduler = new Scheduler(this.#random, START_MS);
    this.#kafka = new ModelKafka(this.#scheduler, this.#random, plan);
    this.#ledger = new Ledger(this.#kafka);
    this.#slots = plan.startsAtMs.map(() => null);
    this.#failure.promise.catch(() => {});
  }

  async run(): Promise<DurableRun> {
    const plan = this.#plan;
    const kafka = this.#kafka;
    const scheduler = this.#scheduler;
    kafka.createTopic(VISITS_TOPIC, plan.partitionCount);
    this.#kafka.createTopic(LOG_TOPIC, plan.partitionCount);
    for (const topic of [SESSIONS_TOPIC, LATE_TOPIC, DEAD_LETTERS_TOPIC]) {
      this.#kafka.createTopic(topic, OUTPUT_PARTITIONS);
    }
    planInput(plan, { ledger: this.#ledger, kafka, scheduler });
    for (const [slot, atMs] of plan.startsAtMs.entries()) {
      this.#scheduler.at(atMs, "a process starts", () => this.#start(slot));
    }
    for (const mishap of plan.mishaps) {
      this.#scheduler.at(mishap.atMs, mishap.kind, () => this.#befall(mishap));
    }
    const work = this.#toTheEnd();
    work.catch(() => {});
    await this.#scheduler.drive(Promise.race([work, this.#failure.promise]));
    return {
      ...{ plan, kafka: this.#kafka, ledger: this.#ledger },
      seen: this.#seen,
      traceHash: this.#scheduler.traceHash(),
    };
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
    this.#isEnding = true;
    const ended = this.#slots.map((slot) => {
      slot?.stopping.abort();
      return slot?.ended;
    });
    await Promise.all(ended);
    for (let waitedMs = 0; this.#unrest() !== null; waitedMs += 250) {
      assert.ok(waitedMs < REST_MS, `After the end: ${this.#unrest()}`);
      await scheduler.pause("rest", 250);
    }
  }

  /** What is still to be done; null: nothing. */
  #unrest(): string | null {
    const kafka = this.#kafka;
    const { open } = kafka.transactions;
    if (open.length > 0) return `transactions of ${open} are open`;
    const { committed, isAnyUnstable } = kafka.group(GROUP).offsets;
    if (isAnyUnstable) return "offsets are not stable";
    const { partitions } = kafka.topic(VISITS_TOPIC);
    for (const [partition, { endOffset }] of partitions.entries()) {
      const offset = committed.get(partition)?.offset ?? 0;
      if (offset === endOffset) continue;
      return `partition ${partition} is at ${offset} of ${endOffset}`;
    }
    return null;
  }

  #befall({ kind, slot, forMs }: Mishap): void {
    const kafka = this.#kafka;
    const running = this.#slots[slot]!;
    const nowMs = this.#scheduler.nowMs();
    switch (kind) {
      case "brokers away":
        kafka.goAway(forMs);
        break;
      case "partition added":
        kafka.grow(VISITS_TOPIC, 1 + this.#partitionCount);
        break;
      case "topic made anew":
        this.#ledger.startAnew();
        break;
      case "freeze":
        running?.process.freeze(forMs);
        break;
      case "kill":
        if (running === null) return;
        running.process.kill();
        this.#startLater(slot, nowMs + forMs);
        break;
      case "stop":
        if (running === null) return;
        running.stopping.abort();
        break;
    }
    this.#count(kind);
  }

  get #partitionCount(): number {
    return this.#kafka.topic(VISITS_TOPIC).partitions.length;
  }

  #startLater(slot: number, atMs: number): void {
    this.#slots[slot] = null;
    this.#scheduler.at(atMs, "a process starts again", () => this.#start(slot));
  }

  #start(slot: number): void {
    const plan = this.#plan;
    const number = ++this.#started;
    const scheduler = this.#scheduler;
    const random = this.#random;
    const process = new SimulatedProcess(`${slot}.${number}`, scheduler);
    const stopping = new AbortController();
    const instance = plan.isStatic ? `slot-${slot}` : null;
    const parts = { kafka: this.#kafka, process, scheduler, random };
    const running = runProcess(plan, {
      network: new ModelNetwork(plan.network, parts),
      ...{ instance, random, signal: stopping.signal },
      transactionalId: `${GROUP}-${instance ?? number}`,
      workers: random.between(1, WORKERS_MAX),
      onWarning: (line) => this.#judge(line),
    });
    const ended = running.then(
      () => this.#ended(slot, null),
      (error: unknown) => this.#ended(slot, error),
    );
    const name = process.name;
    this.#slots[slot] = { name, process, stopping, ended };
  }

  /** A process has ended by itself. */
  #ended(slot: number, error: unknown): void {
    this.#scheduler.note(`slot ${slot} ends: ${messageOf(error)}`);
    const isExpected =
      error === null ||
      error instanceof RecoverableError ||
      messageOf(error) === SHARD_FAILS ||
      messageOf(error).startsWith(TOO_MANY_FAILURES);
    if (!isExpected) this.#failure.reject(error);
    if (error !== null) this.#count("ended by failures");
    if (this.#isEnding) return;
    this.#startLater(slot, this.#scheduler.nowMs() + START_AGAIN_MS);
  }

  /** A life may only end by what was done to it. */
  #judge(line: string): void {
    const { msg, err } = JSON.parse(line);
    this.#scheduler.note(`says ${msg}`);
    if (msg.includes("begins again from")) this.#count("recoveries");
    if (err === undefined || err.message === SHARD_FAILS) return;
    this.#failure.reject(new Error(`${msg}: ${err.stack}`));
  }

  #count(what: string): void {
    this.#seen[what] = (this.#seen[what] ?? 0) + 1;
  }
}
