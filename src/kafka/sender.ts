import { type Clock, WALL_CLOCK } from "../clock.ts";
import type { KafkaConfig } from "../config/config.ts";
import { connectOrFail, createKafka } from "./client.ts";
import { settledWithin } from "./deadlines.ts";
import { CODES } from "./error_codes.ts";
import { LeaderFinder, noLeader } from "./leader_finder.ts";
import type { Outage } from "./outage.ts";
import type { ProducerIdentity } from "./outgoing_batch.ts";
import {
  createSendCluster,
  errorOfCode,
  type ProduceAnswer,
  produce,
  type SendCluster,
} from "./private/send_seam.ts";
import { identify } from "./producer_identity.ts";
import { byTopic, type Item, RequestPlan } from "./request_plan.ts";
import { SenderHealth } from "./sender_health.ts";
import type { SenderTransaction } from "./sender_transaction.ts";
import { TopicChecks } from "./topic_checks.ts";
import { TopicWriter, type TopicWriterOptions } from "./topic_writer.ts";
import { batchRefusal, isAcknowledged } from "./transaction_failure.ts";

/** How long a broker may wait for its replicas, ms. */
const REPLICAS_TIMEOUT_MS = 30_000;
/** Time to close connections in good order, ms. */
const CLOSE_DEADLINE_MS = 1_500;

/** What a sender needs. */
export interface SenderOptions {
  readonly kafka: KafkaConfig;
  /** The story of these brokers, which others may tell too. */
  readonly outage: Outage;
  readonly warn: (text: string) => void;
  readonly clock?: Clock;
  /** It tells that brokers or topics are away also while nothing is written. */
  readonly isAlone?: boolean;
  /** What its batches are part of; without it each is valid at once. */
  readonly transaction?: SenderTransaction;
}

/**
 * An idempotent producer, `acks=-1`, transactional or not. Each broker has one request
 * on its way, with one batch for each partition that has any, of all topics;
 * what comes meanwhile waits and is merged. A partition in trouble pauses alone.
 */
export class Sender {
  readonly #options: SenderOptions;
  readonly #clock: Clock;
  readonly #cluster: SendCluster;
  readonly #health: SenderHealth;
  readonly #writers: TopicWriter[] = [];
  readonly #plan = new RequestPlan(this.#writers);
  /** The brokers that have a request of ours. */
  readonly #busy = new Set<number>();
  readonly #finder: LeaderFinder;
  readonly #checks: TopicChecks;
  #identity: ProducerIdentity | null = null;
  #alarm: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(options: SenderOptions) {
    const { kafka, transaction, clock = WALL_CLOCK } = options;
    this.#options = options;
    this.#clock = clock;
    // The attempts are made here, where it is known what they are for.
    this.#cluster =
      transaction?.cluster ??
      createSendCluster(createKafka(kafka, { retries: 0 }));
    this.#health = new SenderHealth(this.#writers, {
      ...{ ...options, clock },
      isTransactional: transaction !== undefined,
    });
    const looked = {
      ...{ ...options, clock, cluster: this.#cluster },
      ...{ writers: this.#writers, health: this.#health },
    };
    this.#checks = new TopicChecks(looked);
    this.#finder = new LeaderFinder({ ...looked, onFound: () => this.pump() });
  }

  /** Connects, gets a producer id, checks the topics. Throws a `WorldError`. */
  async open(): Promise<void> {
    const { kafka, transaction } = this.#options;
    const client = {
      connect: async () => {
        const { brokerPool } = this.#cluster;
        this.#identity = await identify(brokerPool, () => this.#isClosed);
      },
      disconnect: () => this.close(),
    };
    if (transaction) this.#identity = transaction.identity;
    else await connectOrFail(client, kafka);
    this.#checks.open();
    for (const writer of this.#writers) await this.check(writer);
  }

  /** Looks whether a topic may be written to. Throws a `WorldError`. */
  async check(writer: TopicWriter): Promise<void> {
    await this.#checks.check(writer);
    writer.assertWorks();
  }

  /** What writes to a topic, in the order of its calls: one for each topic. */
  writer(options: TopicWriterOptions): TopicWriter {
    const { topic, things } = options;
    const known = this.#writers.find((writer) => writer.topic === topic);
    if (known !== undefined) {
      // Two outputs in one topic: it has one order and one set of numbers.
      if (known.things !== things) known.things = "records";
      return known;
    }
    const writer = new TopicWriter(options, () => this.pump());
    this.#writers.push(writer);
    return writer;
  }

  /**
   * The run is to stop: from here on it is told soon, not late, what cannot be
   * written. The writes then reject.
   */
  stopSoon(): void {
    this.#health.stopSoon();
  }

  /** Nothing is written any more: whoever waits gets the error. */
  fail(error: Error): void {
    this.#options.transaction?.fail(error);
    for (const writer of this.#writers) writer.fail(error);
  }

  /** Throws the failure of a writer, or when a write is not acknowledged. */
  assertDrained(): void {
    for (const writer of this.#writers) writer.assertDrained();
  }

  /** Ends the connections; to be called when all topics are drained. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#alarm);
    this.#checks.close();
    this.#health.close();
    const disconnected = this.#cluster.disconnect().catch(() => {});
    // Brokers that have never answered take no leave.
    if (this.#identity === null) return;
    await settledWithin(disconnected, CLOSE_DEADLINE_MS);
  }

  /** Sends whatever can be sent now: all that was held back, after a commit. */
  pump(): void {
    if (this.#isClosed || this.#isHeldBack) return;
    const nowMs = this.#clock.nowMs();
    const { nodes, nextRetryMs, isAnyLost } = this.#plan.due(nowMs);
    for (const node of nodes) {
      if (this.#busy.has(node)) continue;
      this.#serve(node).catch((error) => this.fail(error));
    }
    if (isAnyLost) this.#finder.find();
    clearTimeout(this.#alarm);
    if (nextRetryMs === Number.POSITIVE_INFINITY) return;
    this.#alarm = setTimeout(() => this.pump(), nextRetryMs - nowMs + 1);
  }

  get #isHeldBack(): boolean {
    return this.#options.transaction?.takesBatches === false;
  }

  /** Sends to one broker, request by request, while there is anything for it. */
  async #serve(node: number): Promise<void> {
    this.#busy.add(node);
    while (!this.#isHeldBack) {
      const items = this.#plan.next(node, this.#clock.nowMs());
      if (items.length === 0) break;
      await this.#send(node, items);
      // Those that have lost their leader need not wait for the others.
      this.pump();
    }
    this.#busy.delete(node);
    this.pump();
  }

  async #send(node: number, planned: readonly Item[]): Promise<void> {
    const { transaction } = this.#options;
    for (const { queue, batch } of planned) {
      queue.isInFlight = true;
      batch.stamp(this.#identity!, this.#clock.nowMs());
    }
    const items = await this.#included(planned);
    if (items.length === 0) return;
    const answered = this.#health.request();
    let answers: readonly ProduceAnswer[] = [];
    try {
      const broker = await this.#cluster.brokerPool.findBroker({
        nodeId: String(node),
      });
      answers = await produce(broker, {
        transactionalId: transaction?.transactionalId ?? null,
        timeoutMs: REPLICAS_TIMEOUT_MS,
        topics: byTopic(items),
      });
    } catch (error) {
      for (const item of items) this.#health.postpone(item, error);
      return;
    } finally {
      answered();
      for (const { queue } of items) queue.isInFlight = false;
    }
    if (transaction) await transaction.check(answers);
    const byPlace = new Map(
      answers.map((answer) => [`${answer.topic}/${answer.partition}`, answer]),
    );
    for (const item of items) this.#take(item, byPlace);
    this.#health.check();
  }

  /** Those that are in the transaction now: all but those of missing topics. */
  async #included(items: readonly Item[]): Promise<readonly Item[]> {
    const topics = byTopic(items);
    const unknown = await this.#options.transaction?.include(topics);
    return items.filter((item) => {
      if (!unknown?.has(item.writer.topic)) return true;
      item.queue.isInFlight = false;
      this.#health.postpone(item, errorOfCode(CODES.unknownTopic));
      return false;
    });
  }

  #take(item: Item, answers: ReadonlyMap<string, ProduceAnswer>): void {
    const { writer, queue } = item;
    if (writer.hasFailed) return;
    const answer = answers.get(`${writer.topic}/${queue.partition}`);
    if (answer === undefined) {
      this.#health.postpone(item, noLeader(queue.partition));
    } else if (isAcknowledged(answer.errorCode)) {
      this.#acknowledge(item, answer.baseOffset);
    } else {
      this.#health.postpone(item, batchRefusal(answer.errorCode));
    }
  }

  #acknowledge({ writer, queue }: Item, baseOffset: number): void {
    try {
      writer.acknowledge(queue, baseOffset);
    } catch (error) {
      this.#health.giveUp(writer, error);
    }
  }
}
