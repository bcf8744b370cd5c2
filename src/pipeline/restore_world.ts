import type { Job } from "../checkpoint/job_fingerprint.ts";
import type { LogLimits } from "../checkpoint/log_extent.ts";
import type { OnNewTopic } from "../config/config.ts";
import type { CommittedOffset } from "../kafka/committed_offsets.ts";
import type { LogBounds } from "../kafka/window_log_topic.ts";
import type { Chunk } from "../record/chunk.ts";
import type { LogRange } from "../source/kafka/log_reader.ts";

/** Where windows come back from. */
export interface RestoreWorld {
  /** The input. */
  readonly topic: string;
  readonly group: string;
  readonly logTopic: string;
  /** What is typed to begin anew, where the windows are in this log. */
  readonly resetCommand: (windowLog: string) => string;
  readonly job: Job;
  /** The input's id as brokers know it now; null where they know of none. */
  topicIdNow(): Promise<string | null>;
  /** What the group has committed, when that is stable. */
  committed(
    partitions: readonly number[],
    transactionalIdOf: (metadata: string) => string | null,
  ): Promise<ReadonlyMap<number, CommittedOffset>>;
  /** Where the log of each partition begins and ends now. */
  logBounds(
    partitions: readonly number[],
  ): Promise<ReadonlyMap<number, LogBounds>>;
  /** Reads exactly these ranges; `take` releases the chunk. */
  readLog(
    ranges: readonly LogRange[],
    take: (chunk: Chunk) => Promise<void>,
  ): Promise<void>;
  /** Has the shards take the windows of a chunk, and releases it. */
  restore(chunk: Chunk): Promise<void>;
  /** Has the shards forget all windows. */
  clear(): void;
  /** What becomes of windows of a topic whose name another one has now. */
  readonly onNewTopic: OnNewTopic;
  readonly warn: (text: string) => void;
  /** When the log of a partition is renewed; as usual if left out. */
  readonly logLimits?: LogLimits;
}

/** What is to be restored. */
export interface RestoreRequest {
  readonly partitions: readonly number[];
  /** The input, by its id; null where Kafka has none. */
  readonly topicId: string | null;
  /** Those of them whose commits do not count any more. */
  readonly voided: readonly number[];
}
