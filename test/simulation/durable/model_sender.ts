import { RecoverableError } from "../../../src/errors.ts";
import type { PartitionQueue } from "../../../src/kafka/partition_queue.ts";
import {
  TopicWriter,
  type TopicWriterOptions,
} from "../../../src/kafka/topic_writer.ts";
import { ConnectionError, isKafkaError } from "../kafka/kafka_error.ts";
import { placeOf } from "../kafka/model_kafka.ts";
import type { ModelProducer } from "./model_producer.ts";

/** A run that is to stop waits so long, ms, for brokers that are away. */
const STOP_MS = 3_000;

/** Sends batches as parts of transactions, one of a partition at a time. */
export class ModelSender {
  readonly #producer: ModelProducer;
  readonly #writers: TopicWriter[] = [];

  constructor(producer: ModelProducer) {
    this.#producer = producer;
  }

  writer(options: TopicWriterOptions): TopicWriter {
    const known = this.#writers.find(({ topic }) => topic === options.topic);
    if (known !== undefined) return known;
    const writer = new TopicWriter(options, () => this.pump());
    this.#writers.push(writer);
    return writer;
  }

  stopSoon(): void {
    const { process } = this.#producer.network;
    process.at(process.nowMs() + STOP_MS, "the sender gives up", () =>
      this.fail(new RecoverableError("The brokers do not take it in time")),
    );
  }

  /** Sends what may be sent now: nothing while a transaction ends. */
  pump(): void {
    const { isCommitting, failure, network } = this.#producer;
    if (isCommitting || failure !== null) return;
    const nowMs = network.process.nowMs();
    for (const writer of this.#writers) {
      for (const queue of writer.queues) {
        if (queue.isDue(nowMs)) void this.#send(writer, queue);
      }
    }
  }

  fail(error: Error): void {
    for (const writer of this.#writers) writer.fail(error);
  }

  /** Throws when something is not acknowledged. */
  assertDrained(): void {
    for (const { topic, isEmpty } of this.#writers) {
      if (!isEmpty) throw new Error(`Commits before ${topic} has all`);
    }
  }

  async #send(writer: TopicWriter, queue: PartitionQueue): Promise<void> {
    const producer = this.#producer;
    const { network } = producer;
    const { topic } = writer;
    const { partition } = queue;
    queue.isInFlight = true;
    try {
      await producer.add(placeOf(topic, partition));
      const { transactionalId, ...identity } = producer.identity;
      const batch = queue.head();
      const { producerEpoch } = identity;
      const producerId = BigInt(identity.producerId);
      const stamp = { producerId, producerEpoch, transactional: true };
      batch.stamp(stamp, network.process.nowMs());
      const bytes = Buffer.from(batch.bytes);
      const baseOffset = await network.ask(`Produce ${topic}`, () =>
        network.kafka.produce({ transactionalId, topic, partition, bytes }),
      );
      queue.isInFlight = false;
      if (!writer.hasFailed) writer.acknowledge(queue, baseOffset);
    } catch (error) {
      queue.isInFlight = false;
      await this.#troubled(writer, queue, error);
    }
    this.pump();
  }

  async #troubled(
    writer: TopicWriter,
    queue: PartitionQueue,
    error: unknown,
  ): Promise<void> {
    if (writer.hasFailed) return;
    const isPassing =
      error instanceof ConnectionError ||
      isKafkaError(error, "NOT_COORDINATOR", "CONCURRENT_TRANSACTIONS");
    if (!isPassing) {
      const { failure } = this.#producer;
      this.fail(failure ?? (await this.#producer.judge(error)));
      return;
    }
    const { process } = this.#producer.network;
    queue.postpone(error, process.nowMs());
    process.at(queue.retryAtMs, "the sender tries again", () => this.pump());
  }
}
