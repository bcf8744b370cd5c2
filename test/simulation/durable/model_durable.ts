import { jobOf } from "../../../src/checkpoint/job_fingerprint.ts";
import type { WindowConfig } from "../../../src/config/config.ts";
import type { Sender } from "../../../src/kafka/sender.ts";
import type { TopicWriter } from "../../../src/kafka/topic_writer.ts";
import type { DurabilityMeters } from "../../../src/observe/durability_meters.ts";
import type { Logger } from "../../../src/observe/logger.ts";
import { CommitGate } from "../../../src/pipeline/commit_gate.ts";
import { CommitKeeper } from "../../../src/pipeline/commit_keeper.ts";
import type { Keeper, KeeperFlow } from "../../../src/pipeline/keeper.ts";
import type { Life } from "../../../src/pipeline/lives.ts";
import type { Durable } from "../../../src/pipeline/pipeline_parts.ts";
import type { Chunk } from "../../../src/record/chunk.ts";
import type { LogRange } from "../../../src/source/kafka/log_reader.ts";
import type { ModelNetwork } from "../kafka/model_network.ts";
import type { ModelPartition } from "../kafka/model_partition.ts";
import { readModelLog } from "./model_log.ts";
import { ModelTransactions } from "./model_transactions.ts";

/** The window log of a simulated job. */
export const LOG_TOPIC = "windows";
/** Largest batch that topics of the model take, bytes. */
export const RECORD_BYTES_MAX = 1 << 20;

/** So small that logs are renewed and deleted within a simulated run. */
const LOG_LIMITS = {
  slackBytes: 1_000,
  renewedBytesMin: 500,
};
const DELETED_BYTES_MIN = 200;

/** What the windows of a life are kept with. */
export interface ModelDurableOptions {
  readonly network: ModelNetwork;
  readonly group: string;
  /** The input. */
  readonly topic: string;
  readonly transactionalId: string;
  readonly transactionTimeoutMs: number;
  readonly commitIntervalMs: number;
  readonly workers: number;
  readonly window: WindowConfig;
  readonly life: Life;
  readonly log: Logger;
  readonly meters: DurabilityMeters;
}

/** The product's commits and restores, on the model of Kafka. */
export class ModelDurable implements Durable {
  readonly #options: ModelDurableOptions;
  readonly #transactions: ModelTransactions;
  #writer: TopicWriter | null = null;

  constructor(options: ModelDurableOptions) {
    const { network, group, transactionalId } = options;
    this.#options = options;
    this.#transactions = new ModelTransactions(network, {
      ...{ group, transactionalId },
      timeoutMs: options.transactionTimeoutMs,
    });
  }

  /** What outputs send with: all that they need of one. */
  get sender(): Sender {
    return this.#transactions.sender as unknown as Sender;
  }

  async open(): Promise<void> {
    await this.#transactions.open();
  }

  async openLog(partitionCount: number): Promise<void> {
    const { kafka } = this.#options.network;
    await this.#options.network.insist("CreatePartitions", () =>
      kafka.grow(LOG_TOPIC, partitionCount),
    );
    this.#writer = this.#transactions.sender.writer({
      ...{ topic: LOG_TOPIC, things: "changes of windows" },
      partitionCount: kafka.topic(LOG_TOPIC).partitions.length,
      maxRecordBytes: RECORD_BYTES_MAX,
    });
  }

  gate(shardCount: number): CommitGate {
    const writer = this.#writer!;
    const log = (batches: Parameters<TopicWriter["write"]>[0]) =>
      writer.write(batches);
    return new CommitGate({ shardCount, holds: true, log });
  }

  keeper(flow: KeeperFlow, gate: CommitGate): Keeper {
    const { network, topic, group, transactionalId } = this.#options;
    const { commitIntervalMs, workers, window } = this.#options;
    const { life, log, meters } = this.#options;
    const transactions = this.#transactions;
    const writer = this.#writer!;
    return new CommitKeeper(flow, gate, {
      ...{ topic, group, transactionalId, meters, logTopic: LOG_TOPIC },
      resetCommand: () => "sessionmill state reset",
      ...{ job: jobOf(window), shardCount: workers, info: log },
      ...{ intervalMs: commitIntervalMs, clock: network.process },
      logPartitions: writer.queues.length,
      ...{ failedAtMs: life.failedAtMs, logLimits: LOG_LIMITS },
      deletedBytesMin: DELETED_BYTES_MIN,
      log: {
        write: (batches) => writer.write(batches),
        endOffset: (partition) => writer.queues[partition]!.endOffset,
        truncate: (offsets) => this.truncate(offsets),
      },
      ...{ flush: async () => {}, onNewTopic: "drop" as const },
      topicIdNow: () =>
        network.insist("Metadata", () => network.kafka.topic(topic).id),
      commit: (offsets, seat) => transactions.commit(offsets, seat),
      committed: (partitions, idOf) => transactions.committed(partitions, idOf),
      logBounds: (partitions) => this.#logBounds(partitions),
      readLog: (ranges, take) => this.readLog(ranges, take),
      warn: (text) => log.warn(text),
      onFailure: (error) => flow.fail(error),
    });
  }

  /** A partition of the window log. */
  logOf(partition: number): ModelPartition {
    return this.#options.network.kafka.partition(LOG_TOPIC, partition);
  }

  /** Reads exactly these ranges of the window log. */
  async readLog(
    ranges: readonly LogRange[],
    take: (chunk: Chunk) => Promise<void>,
  ): Promise<void> {
    await readModelLog(this.#options.network, LOG_TOPIC, ranges, take);
  }

  /** Deletes what lies before these offsets, by partition. */
  async truncate(offsets: ReadonlyMap<number, number>): Promise<void> {
    const { network } = this.#options;
    await network.ask("DeleteRecords", () => {
      for (const [partition, offset] of offsets) {
        this.logOf(partition).deleteRecords(offset);
      }
    });
  }

  async close(): Promise<void> {
    await this.#transactions.close();
  }

  async #logBounds(partitions: readonly number[]) {
    const { network } = this.#options;
    return await network.insist("ListOffsets", () => {
      const bounds = new Map<number, { earliest: number; end: number }>();
      for (const partition of partitions) {
        const log = this.logOf(partition);
        const { startOffset: earliest, lastStableOffset: end } = log;
        bounds.set(partition, { earliest, end });
      }
      return bounds;
    });
  }
}
