import { setTimeout as sleep } from "node:timers/promises";
import type { Message, Producer } from "kafkajs";
import type { KafkaConfig } from "../config/config.ts";
import { WorldError } from "../errors.ts";
import { connectOrFail, createKafka, plainMessage } from "./client.ts";
import {
  EncodedMessages,
  OutgoingBatch,
  SequenceNumbers,
} from "./outgoing_batch.ts";
// Teaches kafkajs' brokers to send what `EncodedMessages` holds.
import "./private/produce_seam.ts";

/** What of a kafkajs producer, or of a transaction, sends. */
type Sender = Pick<Producer, "sendBatch">;

const MISSED_PARTITION_WAIT_MS = 100;
const MISSED_PARTITION_ROUNDS_MAX = 100;

/**
 * Sends complete record batches to one topic through kafkajs' idempotent
 * producer: its metadata, locks and retries, `acks=-1`.
 */
export class BatchProducer {
  readonly #topic: string;
  readonly #brokers: readonly string[];
  readonly #producer: Producer;
  readonly #sequences = new SequenceNumbers();

  constructor(kafka: KafkaConfig, topic: string) {
    this.#topic = topic;
    this.#brokers = kafka.brokers;
    this.#producer = createKafka(kafka).producer({
      idempotent: true,
      allowAutoTopicCreation: false,
      // Batches come grouped by partition: no partitioner is ever asked.
      createPartitioner: () => () => 0,
    });
  }

  /** Connects and gets a producer id. Throws a `WorldError`. */
  async connect(): Promise<void> {
    await connectOrFail(this.#producer, this.#brokers);
  }

  /** Makes ready a complete batch, in whose header the stamp is written. */
  outgoing(bytes: Buffer, partition: number): OutgoingBatch {
    const sequences = this.#sequences;
    return new OutgoingBatch(bytes, { partition, sequences });
  }

  /**
   * Sends one batch a partition at most; resolves when all are acknowledged.
   * To be called again only after that: one request at a time keeps the order.
   * Throws a `WorldError` when kafkajs has given up.
   */
  async send(batches: readonly OutgoingBatch[]): Promise<void> {
    try {
      await this.#sendThrough(this.#producer, batches);
    } catch (error) {
      throw new WorldError(
        `Cannot write to topic "${this.#topic}": ${plainMessage(error)}`,
        { cause: error },
      );
    }
  }

  async disconnect(): Promise<void> {
    await this.#producer.disconnect();
  }

  /**
   * kafkajs may resolve without a partition whose leader moved to a broker
   * that had answered before: such a batch is sent again, as the same one.
   */
  async #sendThrough(
    sender: Sender,
    batches: readonly OutgoingBatch[],
  ): Promise<void> {
    const topic = this.#topic;
    let missing = batches;
    for (let round = 0; round < MISSED_PARTITION_ROUNDS_MAX; round++) {
      const messages = new EncodedMessages(missing) as unknown as Message[];
      await sender.sendBatch({
        acks: -1,
        topicMessages: [{ topic, messages }],
      });
      missing = missing.filter((batch) => !batch.acknowledged);
      if (missing.length === 0) return;
      await sleep(MISSED_PARTITION_WAIT_MS);
    }
    const names = missing.map(({ partition }) => partition).join(", ");
    throw new Error(`partition ${names} has no leader that answers`);
  }
}
