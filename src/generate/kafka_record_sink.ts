import { WALL_CLOCK } from "../clock.ts";
import type { KafkaConfig } from "../config/config.ts";
import { WorldError } from "../errors.ts";
import { KeyedWriter, type RecordOwner } from "../kafka/keyed_writer.ts";
import { brokerOutage } from "../kafka/outage.ts";
import { Sender } from "../kafka/sender.ts";
import { prepareOutputTopic } from "../kafka/topics.ts";
import { emptyRecord } from "../record/record_batch_writer.ts";
import type { RecordFrame } from "./record_frame.ts";
import type { RecordSink, RecordSinkOptions } from "./record_sink.ts";

/** Partitions of the topic, if it has to be created. */
const PARTITION_COUNT = 2;
/** Bytes a partition that may wait while others are on their way. */
const WAITING_BYTES_MAX = 512 * 1024;

/** Writes records to a topic, each to the partition of its key. */
export class KafkaRecordSink implements RecordSink {
  readonly #kafka: KafkaConfig;
  readonly #topic: string;
  readonly #sender: Sender;
  #writer: KeyedWriter | null = null;
  /** Of the topic; 0 before `open`. */
  partitionCount = 0;
  readonly #parts = emptyRecord();

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
    const records = { topic, things: "records", added: "used" } as const;
    const writer = this.#sender.writer({ ...records, ...output });
    this.#writer = new KeyedWriter(writer, { ...output, lingerMs: 0 });
    this.partitionCount = output.partitionCount;
    await this.#sender.open();
  }

  /** `owner` is told when the records are sent, and when they are in the topic. */
  async write(
    frame: RecordFrame,
    owner: RecordOwner | null = null,
  ): Promise<void> {
    for (let record = 0; record < frame.count; record++) {
      this.#add(frame, record, owner);
    }
    await this.#writer!.hasRoom(WAITING_BYTES_MAX);
  }

  /** Waits for all writes to be acknowledged. Throws when they are not. */
  async drained(): Promise<void> {
    await this.#writer?.drained();
  }

  async close(): Promise<void> {
    try {
      await this.drained();
    } finally {
      await this.#sender.close();
    }
  }

  #add(frame: RecordFrame, record: number, owner: RecordOwner | null): void {
    const parts = this.#parts;
    parts.key = frame.bytes;
    parts.keyStart = frame.keyStart(record);
    parts.keyLength = frame.keyLength(record);
    parts.value = frame.bytes;
    parts.valueStart = frame.valueStart(record);
    parts.valueLength = frame.valueLength(record);
    if (!this.#writer!.add(parts, owner)) {
      throw new WorldError(
        `Cannot write to topic "${this.#topic}": a record of ${parts.valueLength} bytes is larger than its max.message.bytes`,
      );
    }
  }
}
