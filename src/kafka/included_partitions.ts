import type { SendBroker } from "./private/send_seam.ts";
import {
  type AddedPartitions,
  addPartitions,
  type TopicPartitions,
  type TransactionOwner,
} from "./private/transaction_seam.ts";
import type { TopicBatches } from "./produce_frame.ts";

/** The partitions that are part of an open transaction. */
export class IncludedPartitions {
  /** As `topic/partition`. */
  readonly #included = new Set<string>();

  /**
   * Adds those that are missing; resolves to the topics that are not there. As
   * nothing is added with those, the others are asked for again without them.
   */
  async include(
    topics: readonly TopicBatches[],
    ask: (missing: readonly TopicPartitions[]) => Promise<AddedPartitions>,
  ): Promise<Set<string>> {
    const unknown = new Set<string>();
    for (;;) {
      const known = topics.filter(({ topic }) => !unknown.has(topic));
      const missing = this.#missing(known);
      if (missing.length === 0) return unknown;
      const { unknownTopics } = await ask(missing);
      for (const topic of unknownTopics) unknown.add(topic);
    }
  }

  /** Asks the coordinator to add partitions. */
  async add(
    broker: SendBroker,
    owner: TransactionOwner,
    topics: readonly TopicPartitions[],
  ): Promise<AddedPartitions> {
    const answer = await addPartitions(broker, owner, topics);
    if (answer.errorCode !== 0 || answer.unknownTopics.length > 0) {
      return answer;
    }
    for (const { topic, partitions } of topics) {
      for (const each of partitions) this.#included.add(`${topic}/${each}`);
    }
    return answer;
  }

  /** The transaction is over. */
  clear(): void {
    this.#included.clear();
  }

  /** Those of the batches that are not part of it. */
  #missing(topics: readonly TopicBatches[]): readonly TopicPartitions[] {
    return topics
      .map(({ topic, batches }) => ({
        topic,
        partitions: batches
          .map(({ partition }) => partition)
          .filter((each) => !this.#included.has(`${topic}/${each}`)),
      }))
      .filter(({ partitions }) => partitions.length > 0);
  }
}
