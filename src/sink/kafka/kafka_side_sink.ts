import { WorldError } from "../../errors.ts";
import type { Sender } from "../../kafka/sender.ts";
import type {
  TopicWriter,
  TopicWriterOptions,
} from "../../kafka/topic_writer.ts";
import { HeaderSection } from "../../record/header_section.ts";
import { murmur2, partitionOf } from "../../record/partitioner.ts";
import {
  RecordBatchWriter,
  type RecordParts,
} from "../../record/record_batch_writer.ts";
import type { SideRecord, SideSink } from "../sink.ts";

/** Bytes kept of key and value when the topic does not take all of them. */
const SHORTENED_BYTES = 4096;
const NO_BYTES = Buffer.alloc(0);

/** What a side sink is made of. */
export interface KafkaSideSinkOptions extends TopicWriterOptions {
  /** Told of each record that is shortened. */
  readonly warning: {
    warn(text: string): void;
    /** Says what was held back. */
    flush(): void;
  };
}

/**
 * Writes late visits or dead letters to a topic: the record's own key and
 * value, its reason and origin as headers. A record that is too large for the
 * topic is shortened, which is said, and headers tell the true length of its key
 * and value.
 */
export class KafkaSideSink implements SideSink {
  readonly #sender: Sender;
  readonly #writer: TopicWriter;
  readonly #headers = new HeaderSection();
  readonly #partitionCount: number;
  readonly #maxRecordBytes: number;
  readonly #warning: KafkaSideSinkOptions["warning"];
  #keylessRecords = 0;

  /** The sender is its owner's, to open before and to close afterwards. */
  constructor(sender: Sender, options: KafkaSideSinkOptions) {
    const { partitionCount, maxRecordBytes, warning } = options;
    this.#sender = sender;
    this.#writer = sender.writer({ ...options, added: "told" });
    this.#partitionCount = partitionCount;
    this.#maxRecordBytes = maxRecordBytes;
    this.#warning = warning;
  }

  async open(): Promise<void> {
    await this.#sender.check(this.#writer);
  }

  async write(records: Iterable<SideRecord>): Promise<void> {
    const writers = new Map<number, RecordBatchWriter>();
    for (const record of records) {
      const partition = this.#partitionOf(record.key);
      let writer = writers.get(partition);
      if (!writer) {
        writer = new RecordBatchWriter(this.#maxRecordBytes);
        writers.set(partition, writer);
      }
      this.#add(record, writer);
    }
    const batches = [...writers].flatMap(([partition, writer]) =>
      writer.take().map(({ bytes }) => ({ partition, bytes })),
    );
    await this.#writer.write(batches);
  }

  async close(): Promise<void> {
    this.#warning.flush();
    await this.#writer.drained();
  }

  /** As Kafka's clients place keys; records without one go in turn. */
  #partitionOf(key: Uint8Array | null): number {
    if (key === null) return this.#keylessRecords++ % this.#partitionCount;
    return partitionOf(
      murmur2(asBuffer(key), 0, key.length),
      this.#partitionCount,
    );
  }

  #add(record: SideRecord, writer: RecordBatchWriter): void {
    const { key, value, valueBytes } = record;
    const headers = this.#headers;
    this.#setHeaders(record);
    if (valueBytes !== undefined) {
      headers.add("value-bytes", String(valueBytes));
    }
    if (writer.add(this.#parts(key, value))) return;
    headers.add("key-bytes", String(key?.length ?? -1));
    if (valueBytes === undefined) {
      headers.add("value-bytes", String(value?.length ?? -1));
    }
    const shortKey = key?.subarray(0, SHORTENED_BYTES) ?? null;
    const shortValue = value?.subarray(0, SHORTENED_BYTES) ?? null;
    if (!writer.add(this.#parts(shortKey, shortValue))) {
      throw new WorldError(
        `Cannot write to topic "${this.#writer.topic}": its max.message.bytes is ` +
          `${this.#maxRecordBytes}, expected room for ${2 * SHORTENED_BYTES} bytes`,
      );
    }
    this.#tellShortened(record);
  }

  #tellShortened(record: SideRecord): void {
    const { reason, topic, partition, offset, key, value } = record;
    const place = `${topic}[${partition}] at ${offset}`;
    const what =
      reason === "session_too_large"
        ? `the session that begins with ${place}`
        : place;
    const bytes = (key?.length ?? 0) + (value?.length ?? 0);
    const { topic: name, things } = this.#writer;
    this.#warning.warn(
      `topic "${name}" (${things}) takes no record of ${bytes} bytes, its max.message.bytes is ` +
        `${this.#maxRecordBytes}: only the first ${SHORTENED_BYTES} of ${what} are kept there`,
    );
  }

  #setHeaders(record: SideRecord): void {
    const headers = this.#headers;
    headers.clear();
    headers.add("reason", record.reason);
    headers.add("origin-topic", record.topic);
    headers.add("origin-partition", String(record.partition));
    headers.add("origin-offset", String(record.offset));
    for (const [name, value] of Object.entries(record.headers ?? {})) {
      headers.add(name, value);
    }
  }

  #parts(key: Uint8Array | null, value: Uint8Array | null): RecordParts {
    return {
      key: asBuffer(key),
      keyStart: 0,
      keyLength: key?.length ?? -1,
      value: asBuffer(value),
      valueStart: 0,
      valueLength: value?.length ?? -1,
      headers: this.#headers.bytes,
      headersLength: this.#headers.byteLength,
    };
  }
}

function asBuffer(bytes: Uint8Array | null): Buffer {
  if (bytes === null) return NO_BYTES;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
