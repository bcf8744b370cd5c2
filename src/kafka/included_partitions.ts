import { wallClockMs } from "../clock.ts";
import { errorOfCode, type SendBroker } from "./private/send_seam.ts";
import {
  addPartitions,
  type CodeAnswer,
  type TransactionOwner,
} from "./private/transaction_seam.ts";
import type { TopicBatches } from "./produce_frame.ts";
import { CODES } from "./transaction_failure.ts";

/** A topic that is not known for so long, ms, is not there. */
const MISSING_TOPIC_MS = 30_000;

/** Partitions of a topic. */
interface TopicPartitions {
  readonly topic: string;
  readonly partitions: readonly number[];
}

/** The partitions that are part of an open transaction. */
export class IncludedPartitions {
  /** As `topic/partition`. */
  readonly #included = new Set<string>();
  #missingSinceMs: number | null = null;

  /** Those of the batches that are not. */
  missing(topics: readonly TopicBatches[]): readonly TopicPartitions[] {
    return topics
      .map(({ topic, batches }) => ({
        topic,
        partitions: batches
          .map(({ partition }) => partition)
          .filter((each) => !this.#included.has(`${topic}/${each}`)),
      }))
      .filter(({ partitions }) => partitions.length > 0);
  }

  /**
   * Asks the coordinator to add partitions. Throws what may be asked again while
   * it does not know a topic: one that was just made is not known at once.
   */
  async add(
    broker: SendBroker,
    owner: TransactionOwner,
    topics: readonly TopicPartitions[],
  ): Promise<CodeAnswer> {
    const answer = await addPartitions(broker, owner, topics);
    const { errorCode } = answer;
    if (errorCode === CODES.unknownTopic) {
      this.#missingSinceMs ??= wallClockMs();
      const forMs = wallClockMs() - this.#missingSinceMs;
      if (forMs <= MISSING_TOPIC_MS) throw errorOfCode(errorCode);
    }
    this.#missingSinceMs = null;
    if (errorCode !== 0) return answer;
    for (const { topic, partitions } of topics) {
      for (const each of partitions) this.#included.add(`${topic}/${each}`);
    }
    return answer;
  }

  /** The transaction is over. */
  clear(): void {
    this.#included.clear();
  }
}
