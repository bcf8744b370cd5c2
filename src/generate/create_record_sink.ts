import type { SinkSpec } from "../config/config.ts";
import { type LineWriter, openLines } from "../sink/lines/line_writer.ts";
import type { RecordFrame } from "./record_frame.ts";
import type { RecordSink, RecordSinkOptions } from "./record_sink.ts";

/** The sink for records that `spec` names. */
export async function createRecordSink(
  spec: SinkSpec,
  options: RecordSinkOptions,
): Promise<RecordSink> {
  switch (spec.kind) {
    case "kafka": {
      // Not loaded for those who do not use it: kafkajs takes its time.
      const { KafkaRecordSink } = await import("./kafka_record_sink.ts");
      return new KafkaRecordSink(spec.topic, options);
    }
    case "file":
      return new LineRecordSink(spec.path, options);
    case "stdout":
      return new LineRecordSink(null, options);
    case "null":
      return new NullRecordSink();
  }
}

/** Writes the values as JSON lines to a file, or to stdout for `null`. */
class LineRecordSink implements RecordSink {
  readonly #path: string | null;
  readonly #options: RecordSinkOptions;
  #writer: LineWriter | null = null;

  constructor(path: string | null, options: RecordSinkOptions) {
    this.#path = path;
    this.#options = options;
  }

  async open(): Promise<void> {
    const { existingFile: existing, signal } = this.#options;
    this.#writer = await openLines(this.#path, {
      ...{ existing, signal, isOnlyOutput: true },
    });
    this.#writer.begin();
  }

  async write(frame: RecordFrame): Promise<void> {
    await this.#writer!.write(frame.bytes.subarray(0, frame.end));
  }

  async close(): Promise<void> {
    await this.#writer?.close();
  }
}

class NullRecordSink implements RecordSink {
  async open(): Promise<void> {}
  async write(): Promise<void> {}
  async close(): Promise<void> {}
}
