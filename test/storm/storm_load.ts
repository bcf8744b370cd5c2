import { setTimeout as sleep } from "node:timers/promises";
import { Kafka, logLevel, type Message, type Producer } from "kafkajs";
import {
  type PlannedRecord,
  VisitPlan,
  type VisitPlanOptions,
} from "./visit_plan.ts";

const STEP_MS = 20;

/** Where a load goes, and what it is like. */
export interface StormLoadOptions extends VisitPlanOptions {
  readonly brokers: string;
  readonly topic: string;
}

/**
 * Sends visits at a set rate, however the brokers and the job are: what is due
 * meanwhile is sent behind, in order. Everything that the brokers acknowledged
 * (acks=all) is in the ledger, which only grows.
 */
export class StormLoad {
  /** Numbers of the acknowledged visits, poison left out. */
  readonly ledger: number[] = [];
  /** By partition: so many records were acknowledged, poison too. */
  readonly acknowledged = new Map<number, number>();
  readonly plan: VisitPlan;
  readonly #options: StormLoadOptions;
  #producer: Producer | null = null;
  /** kafkajs drops, in silence, what goes to a partition that it has not seen. */
  #isOutdated = false;
  #isOver = false;
  #sending: Promise<void> | null = null;

  constructor(options: StormLoadOptions) {
    this.#options = options;
    this.plan = new VisitPlan(options);
  }

  start(): void {
    this.#sending = this.#keepSending();
    this.#sending.catch(() => {});
  }

  /** Visitors to come use so many partitions, which must have their leaders. */
  growTo(partitions: number): void {
    this.plan.growTo(partitions);
    this.#isOutdated = true;
  }

  /** Sends the closers behind all other visits, and no more. */
  async close(): Promise<void> {
    await this.stop();
    await this.#deliver(this.plan.closers(Date.now()));
    await this.#producer?.disconnect();
  }

  /** Stops sending; rejects when it could not go on. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#sending;
  }

  async #keepSending(): Promise<void> {
    const stepRecords = 1000 / this.#options.ratePerSecond;
    let dueMs = Date.now();
    while (!this.#isOver) {
      const records: PlannedRecord[] = [];
      for (const nowMs = Date.now(); dueMs <= nowMs; dueMs += stepRecords) {
        records.push(this.plan.next(dueMs));
      }
      if (records.length > 0) await this.#deliver(records);
      await sleep(STEP_MS);
    }
  }

  /** Sends until the brokers say that they have it. */
  async #deliver(records: readonly PlannedRecord[]): Promise<void> {
    let left = records;
    while (left.length > 0) {
      const written = await this.#send(left);
      for (const { number, partition } of left) {
        if (!written.has(partition)) continue;
        if (number !== null) this.ledger.push(number);
        const count = this.acknowledged.get(partition) ?? 0;
        this.acknowledged.set(partition, count + 1);
      }
      left = left.filter(({ partition }) => !written.has(partition));
      if (left.length > 0) await sleep(STEP_MS);
    }
  }

  /**
   * Tries once; resolves to the partitions that have theirs. kafkajs says
   * nothing of records for partitions that it knows no leader of: they are gone.
   */
  async #send(records: readonly PlannedRecord[]): Promise<Set<number>> {
    const { topic } = this.#options;
    const messages = records.map(messageOf);
    try {
      const producer = await this.#connected();
      const answers = await producer.send({ topic, acks: -1, messages });
      const written = answers.filter(({ errorCode }) => errorCode === 0);
      return new Set(written.map(({ partition }) => partition));
    } catch {
      // Whether some were written is not known: then they stand in the topic
      // twice, and as often in what is expected. A new producer begins anew.
      this.#isOutdated = true;
      return new Set();
    }
  }

  async #connected(): Promise<Producer> {
    if (this.#isOutdated) await this.#producer?.disconnect().catch(() => {});
    else if (this.#producer !== null) return this.#producer;
    const kafka = new Kafka({
      brokers: this.#options.brokers.split(","),
      logLevel: logLevel.NOTHING,
      // A broker may be away for long, and is to be found soon when it is back.
      retry: { initialRetryTime: 50, maxRetryTime: 500, retries: 10_000 },
    });
    const producer = kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
    });
    await producer.connect();
    this.#producer = producer;
    this.#isOutdated = false;
    return producer;
  }
}

function messageOf({ partition, key, value }: PlannedRecord): Message {
  return { partition, key, value };
}
