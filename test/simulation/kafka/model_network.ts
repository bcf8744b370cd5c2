import type { Random } from "../../../src/generate/random.ts";
import { OwnSeat } from "../../../src/kafka/group_seat.ts";
import type { Scheduler } from "../scheduler.ts";
import type { SimulatedProcess } from "../simulated_process.ts";
import { ConnectionError, isKafkaError, KafkaError } from "./kafka_error.ts";
import type { ModelKafka } from "./model_kafka.ts";

/** How bad a network is. */
export interface NetworkPlan {
  /** Longest time that a request or an answer takes, ms. */
  readonly slowestMs: number;
  /** One of so many requests is lost, its answer is, or it is refused; 0: none. */
  readonly troubleOneIn: number;
  /** From then on it has no trouble, ms. */
  readonly calmAtMs: number;
}

/** Until somebody learns that the answer will not come, ms. */
const LOST_MS = 1_500;
/** Between two attempts, ms. */
const RETRY_MS = 20;

/** The way from a process to the brokers and back. */
export class ModelNetwork {
  readonly kafka: ModelKafka;
  readonly process: SimulatedProcess;
  readonly random: Random;
  /** Who the process is in its group. */
  readonly ownSeat = new OwnSeat();
  /** The life that is a member of the group: the one before has no connections. */
  life: object | null = null;
  readonly #scheduler: Scheduler;
  readonly #plan: NetworkPlan;

  constructor(
    plan: NetworkPlan,
    world: {
      readonly kafka: ModelKafka;
      readonly process: SimulatedProcess;
      readonly scheduler: Scheduler;
      readonly random: Random;
    },
  ) {
    this.kafka = world.kafka;
    this.process = world.process;
    this.random = world.random;
    this.#scheduler = world.scheduler;
    this.#plan = plan;
  }

  /**
   * Asks once. Rejects with a `KafkaError` that the broker has answered, or with
   * a `ConnectionError`, after which it may have been done all the same, or
   * still will be.
   */
  ask<T>(label: string, work: () => T | Promise<T>): Promise<T> {
    const fate = this.#fate();
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    if (fate === "lost request" || fate === "lost answer") {
      const ms = this.random.below(LOST_MS);
      this.process.at(this.process.nowMs() + ms, `${label} is lost`, () =>
        reject(new ConnectionError(`${label}: no answer`)),
      );
    }
    if (fate === "lost request") return promise;
    const answer = (isLost: boolean, tell: () => void) => {
      if (isLost) return;
      const dueMs = this.#scheduler.nowMs() + this.#delayMs();
      this.process.at(dueMs, `${label} is answered`, tell);
    };
    const isLost = fate === "lost answer";
    const arrivesAtMs = this.#scheduler.nowMs() + this.#delayMs();
    // Of no process: what is on its way arrives, whatever becomes of the sender.
    this.#scheduler.at(
      arrivesAtMs,
      `${this.process.name} asks ${label}`,
      () => {
        const done = this.#serve(label, {
          isRefused: fate === "refused",
          work,
        });
        done.then(
          (result) => answer(isLost, () => resolve(result)),
          (error: unknown) => answer(isLost, () => reject(error)),
        );
      },
    );
    return promise;
  }

  /**
   * Asks until the broker has answered, whatever that is. For what can be done
   * twice. Ends with a `ConnectionError` when nobody wants it any more.
   */
  async insist<T>(
    label: string,
    work: () => T | Promise<T>,
    isOver: () => boolean = () => false,
  ): Promise<T> {
    for (;;) {
      try {
        return await this.ask(label, work);
      } catch (error) {
        const isPassing =
          error instanceof ConnectionError ||
          isKafkaError(error, "NOT_COORDINATOR");
        if (!isPassing || isOver()) throw error;
      }
      await this.process.pause(`${label} again`, RETRY_MS);
    }
  }

  async #serve<T>(
    label: string,
    request: {
      readonly isRefused: boolean;
      readonly work: () => T | Promise<T>;
    },
  ): Promise<T> {
    if (this.kafka.isAway) {
      throw new ConnectionError(`${label}: nobody is there`);
    }
    if (request.isRefused) throw new KafkaError("NOT_COORDINATOR");
    return await request.work();
  }

  #fate(): "done" | "lost request" | "lost answer" | "refused" {
    const { troubleOneIn, calmAtMs } = this.#plan;
    if (troubleOneIn === 0 || this.process.nowMs() >= calmAtMs) return "done";
    if (this.random.below(troubleOneIn) > 0) return "done";
    return this.random.pick(["lost request", "lost answer", "refused"]);
  }

  #delayMs(): number {
    const { slowestMs } = this.#plan;
    return this.random.pick([0, 1, 1, this.random.below(slowestMs)]);
  }
}
