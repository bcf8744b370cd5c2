import type { Sender } from "../../kafka/sender.ts";
import type {
  TopicWriter,
  TopicWriterOptions,
} from "../../kafka/topic_writer.ts";
import type { SessionChunk } from "../../wire/messages.ts";
import type { SessionSink } from "../sink.ts";

/** Writes sessions to a topic, in record batches as the shards encoded them. */
export class KafkaSink implements SessionSink {
  readonly #sender: Sender;
  readonly #writer: TopicWriter;

  /** The sender is its owner's, to open before and to close afterwards. */
  constructor(sender: Sender, options: Omit<TopicWriterOptions, "things">) {
    this.#sender = sender;
    this.#writer = sender.writer({
      ...options,
      ...{ things: "sessions", added: "told" },
    });
  }

  async open(): Promise<void> {
    await this.#sender.check(this.#writer);
  }

  async write(chunks: readonly SessionChunk[]): Promise<void> {
    await this.#writer.write(chunks);
  }

  async close(): Promise<void> {
    await this.#writer.drained();
  }
}
