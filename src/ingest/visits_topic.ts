import { setTimeout as sleep } from "node:timers/promises";
import { WALL_CLOCK } from "../clock.ts";
import type { KafkaConfig } from "../config/config.ts";
import { messageOf } from "../errors.ts";
import { KeyedWriter, type RecordOwner } from "../kafka/keyed_writer.ts";
import { brokerOutage, type Outage } from "../kafka/outage.ts";
import { Sender } from "../kafka/sender.ts";
import type { TopicWriter } from "../kafka/topic_writer.ts";
import { prepareOutputTopic } from "../kafka/topics.ts";
import type { RecordParts } from "../record/record_batch_writer.ts";

/** Partitions of the topic, if it has to be created. */
const PARTITION_COUNT = 2;
/** Produce requests leave so far apart at least, ms. */
const LINGER_MS = 2;
/** Between two attempts to begin again after a failure, ms. */
const AGAIN_MS = 1_000;
/** Between two warnings that it has failed again, ms. */
const WARN_MS = 30_000;

/** The topic that visits are written to, and who hears of its troubles. */
export interface VisitsTopicOptions {
  readonly kafka: KafkaConfig;
  readonly topic: string;
  readonly warn: (text: string) => void;
  /** Told how long a produce request took until it was acknowledged, ms. */
  readonly onProduced: (ms: number) => void;
}

/** A sender of its own, with what it writes to the topic. */
interface Connection {
  readonly sender: Sender;
  readonly topicWriter: TopicWriter;
  readonly writer: KeyedWriter;
}

/**
 * The topic of the visits. When it fails for good, what waits is told so, and it
 * begins again with a new producer until that works.
 */
export class VisitsTopic {
  readonly #options: VisitsTopicOptions;
  readonly #outage: Outage;
  #connection: Connection | null = null;
  #hasFailed = false;
  #isStopping = false;
  readonly #stopped = new AbortController();

  constructor(options: VisitsTopicOptions) {
    this.#options = options;
    const { kafka, warn } = options;
    this.#outage = brokerOutage(kafka.brokers, { clock: WALL_CLOCK, warn });
  }

  /** Connects, for the first time. Throws a `WorldError`. */
  async open(): Promise<void> {
    await this.#connect();
  }

  /**
   * Why nothing can be written now, in words for anybody; null when it can. The
   * log says more.
   */
  get trouble(): string | null {
    if (this.#connection === null) {
      return this.#hasFailed ? "Kafka does not take them" : "it begins";
    }
    if (this.#outage.isNews) return "Kafka does not answer";
    const { isMissing } = this.#connection.topicWriter;
    return isMissing ? "its topic is not there" : null;
  }

  /** Bytes of records that are not acknowledged. */
  get waitingBytes(): number {
    return this.#connection?.writer.waitingBytes ?? 0;
  }

  /**
   * Writes a record, in call order a key; false when it is larger than the topic
   * takes. Throws when the topic has failed.
   */
  add(parts: RecordParts, owner: RecordOwner): boolean {
    if (this.#connection === null) throw new Error(this.trouble ?? "");
    return this.#connection.writer.add(parts, owner);
  }

  /** What cannot be written soon, from here on, never will be. */
  stopSoon(): void {
    this.#isStopping = true;
    this.#connection?.sender.stopSoon();
  }

  /** Waits until all is written. Throws a `WorldError` for what was not. */
  async close(): Promise<void> {
    this.#isStopping = true;
    this.#stopped.abort();
    const connection = this.#connection;
    try {
      await connection?.writer.drained();
    } finally {
      await connection?.sender.close();
    }
  }

  async #connect(): Promise<void> {
    const { kafka, topic, warn, onProduced } = this.#options;
    const output = await prepareOutputTopic(kafka, {
      topic,
      partitionCount: PARTITION_COUNT,
    });
    const outage = this.#outage;
    const sender = new Sender({ kafka, outage, warn, isAlone: true });
    const visits = { topic, things: "visits", added: "used" } as const;
    const topicWriter = sender.writer({ ...visits, ...output });
    try {
      await sender.open();
    } catch (error) {
      await sender.close();
      throw error;
    }
    // `close` came meanwhile, and found nothing to be closed.
    if (this.#stopped.signal.aborted) return await sender.close();
    const writer = new KeyedWriter(topicWriter, {
      ...output,
      lingerMs: LINGER_MS,
      onProduced,
      onFailure: (error) => void this.#beginAgain(error),
    });
    this.#connection = { sender, topicWriter, writer };
    this.#hasFailed = false;
  }

  async #beginAgain(error: Error): Promise<void> {
    const { warn } = this.#options;
    const failed = this.#connection;
    this.#hasFailed = true;
    if (this.#isStopping) return;
    this.#connection = null;
    warn(`${error.message}; beginning again with a new producer`);
    await failed?.sender.close();
    let warnedAtMs = performance.now();
    while (!this.#isStopping) {
      try {
        await this.#connect();
        if (this.#connection === null) return;
        warn(`Topic "${this.#options.topic}" takes visits again`);
        return;
      } catch (reason) {
        if (performance.now() - warnedAtMs > WARN_MS) {
          warnedAtMs = performance.now();
          warn(messageOf(reason));
        }
      }
      const { signal } = this.#stopped;
      await sleep(AGAIN_MS, undefined, { signal }).catch(() => {});
    }
  }
}
