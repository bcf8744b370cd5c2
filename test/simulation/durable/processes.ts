import { messageOf, RecoverableError } from "../../../src/errors.ts";
import type { Random } from "../../../src/generate/random.ts";
import type { ModelKafka } from "../kafka/model_kafka.ts";
import { ModelNetwork } from "../kafka/model_network.ts";
import type { Scheduler } from "../scheduler.ts";
import { SimulatedProcess } from "../simulated_process.ts";
import { SHARD_FAILS } from "./durable_fleet.ts";
import type { DurablePlan } from "./durable_plan.ts";
import { GROUP, runProcess } from "./durable_process.ts";
import { INSTANCE_TAKEN } from "./model_membership.ts";
import { NAME_TAKEN } from "./model_producer.ts";

/** A process that ended by itself is started again after this, ms. */
const START_AGAIN_MS = 500;
const WORKERS_MAX = 3;
/** How a process ends whose lives have ended too often. */
const TOO_MANY_FAILURES = "Cannot go on: 3 failures within a minute";

/** A process that runs. */
interface Running {
  readonly process: SimulatedProcess;
  readonly stopping: AbortController;
  readonly ended: Promise<void>;
}

/** The processes of a run: each has a place, in which it is started again. */
export class Processes {
  /** Rejects when one ends, or a life of one does, as it must not. */
  readonly failure: Promise<never>;
  /** How often each of these has come about. */
  readonly seen: Record<string, number> = {};
  readonly #plan: DurablePlan;
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #kafka: ModelKafka;
  readonly #bySlot: (Running | null)[];
  /** Those whose place another one has. */
  readonly #twins = new Set<Running>();
  readonly #isTwinned = new Set<number>();
  readonly #failing = Promise.withResolvers<never>();
  #started = 0;
  #isEnding = false;

  constructor(
    plan: DurablePlan,
    world: {
      readonly scheduler: Scheduler;
      readonly random: Random;
      readonly kafka: ModelKafka;
    },
  ) {
    this.#plan = plan;
    this.#scheduler = world.scheduler;
    this.#random = world.random;
    this.#kafka = world.kafka;
    this.#bySlot = plan.startsAtMs.map(() => null);
    this.failure = this.#failing.promise;
    this.failure.catch(() => {});
  }

  /** True while two processes have one name. */
  get hasTwins(): boolean {
    return this.#twins.size > 0;
  }

  start(slot: number): void {
    const plan = this.#plan;
    const number = ++this.#started;
    const scheduler = this.#scheduler;
    const random = this.#random;
    const process = new SimulatedProcess(`${slot}.${number}`, scheduler);
    const stopping = new AbortController();
    const instance = plan.isStatic ? `slot-${slot}` : null;
    const parts = { kafka: this.#kafka, process, scheduler, random };
    const run = runProcess(plan, {
      network: new ModelNetwork(plan.network, parts),
      ...{ instance, random, signal: stopping.signal },
      transactionalId: `${GROUP}-${instance ?? number}`,
      workers: random.between(1, WORKERS_MAX),
      onWarning: (line) => this.#judge(line),
    });
    const ended: Promise<void> = run.then(
      () => this.#ended(slot, running, null),
      (error: unknown) => this.#ended(slot, running, error),
    );
    const running: Running = { process, stopping, ended };
    this.#bySlot[slot] = running;
  }

  /** Ends one at once; it is started again so many ms later. */
  kill(slot: number, forMs: number): void {
    const running = this.#bySlot[slot]!;
    if (running === null) return;
    running.process.kill();
    this.#startLater(slot, forMs);
    this.count("kill");
  }

  /** Stops one in good order; it is started again soon. */
  stop(slot: number): void {
    this.#bySlot[slot]?.stopping.abort();
    this.count("stop");
  }

  freeze(slot: number, forMs: number): void {
    this.#bySlot[slot]?.process.freeze(forMs);
    this.count("freeze");
  }

  /** Starts another process under the same name, if it has one. */
  double(slot: number): void {
    const running = this.#bySlot[slot]!;
    if (running === null || !this.#plan.isStatic) return;
    this.#twins.add(running);
    this.#isTwinned.add(slot);
    this.start(slot);
    this.count("twin");
  }

  /** Stops all, and starts none any more. */
  async end(): Promise<void> {
    this.#isEnding = true;
    for (const running of this.#bySlot) running?.stopping.abort();
    await Promise.all(this.#bySlot.map((running) => running?.ended));
  }

  count(what: string): void {
    this.seen[what] = (this.seen[what] ?? 0) + 1;
  }

  #startLater(slot: number, ms: number): void {
    this.#bySlot[slot] = null;
    const atMs = this.#scheduler.nowMs() + ms;
    this.#scheduler.at(atMs, "a process starts again", () => this.start(slot));
  }

  /** A process has ended by itself. */
  #ended(slot: number, running: Running, error: unknown): void {
    const message = error === null ? "" : messageOf(error);
    this.#scheduler.note(`${running.process.name} ends: ${message}`);
    const isTaken = message === NAME_TAKEN || message === INSTANCE_TAKEN;
    const isExpected =
      error === null ||
      error instanceof RecoverableError ||
      message === SHARD_FAILS ||
      message.startsWith(TOO_MANY_FAILURES) ||
      (isTaken && this.#isTwinned.has(slot));
    if (!isExpected) this.#failing.reject(error);
    if (error !== null)
      this.count(isTaken ? "twin ended" : "ended by failures");
    if (this.#twins.delete(running) || this.#isEnding) return;
    this.#startLater(slot, START_AGAIN_MS);
  }

  /** A life may only end by what was done to it. */
  #judge(line: string): void {
    const { msg, err } = JSON.parse(line);
    this.#scheduler.note(`says ${msg}`);
    if (msg.includes("begins again from")) this.count("recoveries");
    if (err === undefined || err.message === SHARD_FAILS) return;
    this.#failing.reject(new Error(`${msg}: ${err.stack}`));
  }
}
