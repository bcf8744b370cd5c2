import type { KafkaConfig } from "../../config/config.ts";
import { BatchProducer } from "../../kafka/batch_producer.ts";
import type { OutgoingBatch } from "../../kafka/outgoing_batch.ts";
import type { SessionChunk } from "../../wire/messages.ts";
import type { SessionSink } from "../sink.ts";
import { PartitionQueue, type PendingWrite } from "./partition_queue.ts";

/** Where a Kafka sink writes. */
export interface KafkaSinkOptions {
  readonly topic: string;
  readonly kafka: KafkaConfig;
  /** As `prepareOutputTopic` found it. */
  readonly partitionCount: number;
  /** The topic's `max.message.bytes`, as `prepareOutputTopic` found it. */
  readonly maxRecordBytes: number;
}

/** Bytes after which no further partition joins a produce request. */
const REQUEST_BYTES_MAX = 8 * 1024 * 1024;

/**
 * Writes record batches as the shards encoded them. One produce request is on
 * its way at a time, with one batch for each partition that has any; what
 * comes meanwhile waits and is merged. So order is kept through every retry.
 */
export class KafkaSink implements SessionSink {
  readonly #producer: BatchProducer;
  readonly #queues: readonly PartitionQueue[];
  #firstPartition = 0;
  #pump: Promise<void> | null = null;
  #failure: Error | null = null;

  constructor(options: KafkaSinkOptions) {
    const { kafka, topic, partitionCount, maxRecordBytes } = options;
    this.#producer = new BatchProducer(kafka, topic);
    this.#queues = Array.from(
      { length: partitionCount },
      () => new PartitionQueue(maxRecordBytes),
    );
  }

  async open(): Promise<void> {
    await this.#producer.connect();
  }

  async write(chunks: readonly SessionChunk[]): Promise<void> {
    if (this.#failure) throw this.#failure;
    if (chunks.length === 0) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const write = { batchesLeft: chunks.length, resolve, reject };
    for (const { partition, bytes } of chunks) {
      this.#queueOf(partition).push(
        Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
        write,
      );
    }
    this.#pump ??= this.#sendAll();
    await promise;
  }

  async close(): Promise<void> {
    await this.#pump;
    await this.#producer.disconnect();
  }

  #queueOf(partition: number): PartitionQueue {
    const queue = this.#queues[partition];
    if (queue) return queue;
    throw new RangeError(
      `Cannot write to partition ${partition}: the topic has ` +
        `${this.#queues.length} partitions`,
    );
  }

  /** Sends until the queues are empty. Never rejects: the writes do. */
  async #sendAll(): Promise<void> {
    let writes: PendingWrite[] = [];
    try {
      while (this.#queues.some((queue) => !queue.isEmpty)) {
        writes = [];
        await this.#producer.send(this.#nextBatches(writes));
        for (const write of writes) {
          if (--write.batchesLeft === 0) write.resolve();
        }
      }
    } catch (error) {
      this.#fail(error as Error, writes);
    } finally {
      this.#pump = null;
    }
  }

  /** One batch of each partition, and the writes that they belong to. */
  #nextBatches(writes: PendingWrite[]): OutgoingBatch[] {
    const batches: OutgoingBatch[] = [];
    const partitionCount = this.#queues.length;
    let byteLength = 0;
    for (let i = 0; i < partitionCount; i++) {
      const partition = (this.#firstPartition + i) % partitionCount;
      const queue = this.#queues[partition]!;
      if (queue.isEmpty) continue;
      if (byteLength >= REQUEST_BYTES_MAX) {
        // The next request begins with the one that had no room in this.
        this.#firstPartition = partition;
        break;
      }
      const head = queue.shift();
      byteLength += head.bytes.length;
      writes.push(...head.writes);
      batches.push(this.#producer.outgoing(head.bytes, partition));
    }
    return batches;
  }

  #fail(error: Error, sent: readonly PendingWrite[]): void {
    this.#failure = error;
    for (const write of sent) write.reject(error);
    for (const queue of this.#queues) {
      for (const write of queue.clear()) write.reject(error);
    }
  }
}
