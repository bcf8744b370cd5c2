import { WALL_CLOCK } from "../clock.ts";
import type { KafkaConfig } from "../config/config.ts";
import { WorldError } from "../errors.ts";
import { brokerOutage } from "../kafka/outage.ts";
import { Sender } from "../kafka/sender.ts";
import type { TopicWriter } from "../kafka/topic_writer.ts";
import { prepareOutputTopic } from "../kafka/topics.ts";
import { murmur2, partitionOf } from "../record/partitioner.ts";
import {
  RecordBatchWriter,
  type RecordParts,
} from "../record/record_batch_writer.ts";
import type { RecordFrame } from "./record_frame.ts";
import type { RecordSink, RecordSinkOptions } from "./record_sink.ts";

/** Partitions of the topic, if it has to be created. */
const PARTITION_COUNT = 2;
/** Bytes a partition that may wait while others are on their way. */
const WAITING_BYTES_MAX = 512 * 1024;

/**
 * Writes records to a topic, each to the partition of its key. While some are
 * on their way, those that come are gathered.
 */
export class KafkaRecordSink implements RecordSink {
  readonly #kafka: KafkaConfig;
  readonly #topic: string;
  readonly #sender: Sender;
  #writer: TopicWriter | null = null;
  // Those that are filled now, and those whose bytes are being sent.
  #filling: RecordBatchWriter[] = [];
  #sending: RecordBatchWriter[] = [];
  #pump: Promise<void> | null = null;
  // Resolved when the waiting bytes go on their way, or when that failed.
  #turn = Promise.withResolvers<void>();
  #failure: unknown = null;
  readonly #parts: RecordParts = {
    key: Buffer.alloc(0),
    keyStart: 0,
    keyLength: 0,
    value: Buffer.alloc(0),
    valueStart: 0,
    valueLength: 0,
    headers: Buffer.alloc(1), // The number of headers: none.
    headersLength: 1,
  };

  constructor(topic: string, { kafka, warn, signal }: RecordSinkOptions) {
    this.#kafka = kafka;
    this.#topic = topic;
    const outage = brokerOutage(kafka.brokers, { clock: WALL_CLOCK, warn });
    this.#sender = new Sender({ kafka, outage, warn });
    const stop = () => this.#sender.stopSoon();
    signal.addEventListener("abort", stop, { once: true });
  }

  async open(): Promise<void> {
    const topic = this.#topic;
    const output = await prepareOutputTopic(this.#kafka, {
      topic,
      partitionCount: PARTITION_COUNT,
    });
    const { partitionCount, maxRecordBytes } = output;
    const newWriters = () =>
      Array.from(
        { length: partitionCount },
        () => new RecordBatchWriter(maxRecordBytes),
      );
    this.#filling = newWriters();
    this.#sending = newWriters();
    this.#writer = this.#sender.writer({ topic, things: "records", ...output });
    await this.#sender.open();
  }

  async write(frame: RecordFrame): Promise<void> {
    for (let record = 0; record < frame.count; record++) {
      this.#add(frame, record);
    }
    this.#pump ??= this.#sendAll();
    while (this.#pump !== null && this.#hasEnough()) await this.#turn.promise;
    if (this.#failure !== null) throw this.#failure;
  }

  async close(): Promise<void> {
    await this.#pump;
    await this.#sender.close();
    if (this.#failure !== null) throw this.#failure;
  }

  #hasEnough(): boolean {
    return this.#filling.some(
      ({ byteLength }) => byteLength > WAITING_BYTES_MAX,
    );
  }

  #add(frame: RecordFrame, record: number): void {
    const parts = this.#parts;
    parts.key = frame.bytes;
    parts.keyStart = frame.keyStart(record);
    parts.keyLength = frame.keyLength(record);
    parts.value = frame.bytes;
    parts.valueStart = frame.valueStart(record);
    parts.valueLength = frame.valueLength(record);
    const hash = murmur2(frame.bytes, parts.keyStart, parts.keyLength);
    const partition = partitionOf(hash, this.#filling.length);
    if (!this.#filling[partition]!.add(parts)) {
      throw new WorldError(
        `Cannot write to topic "${this.#topic}": a record of ${parts.valueLength} bytes is larger than its max.message.bytes`,
      );
    }
  }

  /** Sends until nothing waits. Never rejects: it leaves a failure behind. */
  async #sendAll(): Promise<void> {
    try {
      while (this.#filling.some(({ byteLength }) => byteLength > 0)) {
        const writers = this.#filling;
        this.#filling = this.#sending;
        this.#sending = writers;
        this.#nextTurn();
        const batches = writers.flatMap((writer, partition) =>
          writer.take().map(({ bytes }) => ({ partition, bytes })),
        );
        await this.#writer!.write(batches);
      }
    } catch (error) {
      this.#failure = error;
    } finally {
      this.#pump = null;
      this.#nextTurn();
    }
  }

  #nextTurn(): void {
    this.#turn.resolve();
    this.#turn = Promise.withResolvers<void>();
  }
}
