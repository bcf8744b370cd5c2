import type { ProducerIdentity } from "./outgoing_batch.ts";
import type { ProduceAnswer, SendCluster } from "./private/send_seam.ts";
import type { TopicBatches } from "./produce_frame.ts";

/** What makes a sender's batches part of transactions. */
export interface SenderTransaction {
  readonly transactionalId: string;
  readonly cluster: SendCluster;
  /** In whose name they go; known when the sender opens. */
  readonly identity: ProducerIdentity;
  /** False while a transaction ends, and after its failure. */
  readonly takesBatches: boolean;
  /**
   * Adds partitions to the open transaction, before their batches go. Resolves
   * to the topics that are not there: batches of those must not go. Throws when
   * there can be no transaction any more.
   */
  include(topics: readonly TopicBatches[]): Promise<ReadonlySet<string>>;
  /** Throws what ends the transaction, when an answer does. */
  check(answers: readonly ProduceAnswer[]): Promise<void>;
  /** It is over. */
  fail(error: Error): void;
}
