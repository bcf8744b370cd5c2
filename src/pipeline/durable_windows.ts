import { jobOf } from "../checkpoint/job_fingerprint.ts";
import { committerOf } from "../checkpoint/offset_metadata.ts";
import { WALL_CLOCK } from "../clock.ts";
import type { Durability, RunConfig } from "../config/config.ts";
import { stateCommand } from "../config/state_command.ts";
import type { WorldError } from "../errors.ts";
import type { OwnSeat } from "../kafka/group_seat.ts";
import type { Outage } from "../kafka/outage.ts";
import { readTopicState } from "../kafka/private/topic_seam.ts";
import type { Sender } from "../kafka/sender.ts";
import type { TopicWriter } from "../kafka/topic_writer.ts";
import { Transactions } from "../kafka/transactions.ts";
import {
  deleteRecords,
  prepareLogTopic,
  readLogBounds,
} from "../kafka/window_log_topic.ts";
import type { DurabilityMeters } from "../observe/durability_meters.ts";
import type { Logger } from "../observe/logger.ts";
import { readLog } from "../source/kafka/log_reader.ts";
import { CommitGate } from "./commit_gate.ts";
import { CommitKeeper } from "./commit_keeper.ts";
import type { Keeper, KeeperFlow } from "./keeper.ts";
import type { Life } from "./lives.ts";
import { missingLog } from "./lost_log.ts";
import { flushOutputs } from "./outputs.ts";
import type { Durable } from "./pipeline_parts.ts";

/** What the windows of a life are kept with. */
export interface DurableWindowsOptions {
  readonly config: RunConfig;
  readonly durability: Durability;
  /** The input. */
  readonly topic: string;
  readonly framesMax: number;
  readonly life: Life;
  readonly ownSeat: OwnSeat;
  readonly outage: Outage;
  readonly log: Logger;
  readonly meters: DurabilityMeters;
  /** Aborted: what cannot be written is told soon. */
  readonly signal: AbortSignal;
}

/** Windows that are kept in Kafka: by one life's transactions, in the window log. */
export class DurableWindows implements Durable {
  readonly #options: DurableWindowsOptions;
  readonly #transactions: Transactions;
  #writer: TopicWriter | null = null;
  #closing: Promise<void> | null = null;
  readonly #stop = () => this.#transactions.stopSoon();

  constructor(options: DurableWindowsOptions) {
    const { config, durability, topic, outage, log, life, ownSeat } = options;
    const { transactionalId, transactionTimeoutMs } = durability;
    this.#options = options;
    this.#transactions = new Transactions({
      ...{ kafka: config.kafka, topic, transactionalId, outage },
      ...{ timeoutMs: transactionTimeoutMs, ownSeat },
      // What began once is not ended by brokers that are away.
      waits: life.number > 1,
      warn: (text) => log.warn(text),
    });
  }

  /** What outputs send with that are valid with the commits; null: at once. */
  get sender(): Sender | null {
    const { guarantee } = this.#options.durability;
    return guarantee === "exactly-once" ? this.#transactions.sender : null;
  }

  async open(): Promise<void> {
    const { signal } = this.#options;
    await this.#transactions.open();
    signal.addEventListener("abort", this.#stop);
    if (signal.aborted) this.#stop();
  }

  async openLog(inputPartitions: number): Promise<void> {
    const { config, durability } = this.#options;
    const topic = durability.windowLog;
    const prepared = await prepareLogTopic(config.kafka, {
      topic,
      partitionCount: inputPartitions,
      like:
        config.to.kind === "kafka"
          ? { topic: config.to.topic, purpose: "write to" }
          : { topic: this.#options.topic, purpose: "read" },
      whyNotMade: () => this.#missingLog(inputPartitions),
    });
    const { sender } = this.#transactions;
    this.#writer = sender.writer({
      ...{ topic, things: "changes of windows", ...prepared },
      whenAnew: `start anew with: ${this.#resetCommand(topic)}`,
    });
    await sender.check(this.#writer);
  }

  async #missingLog(inputPartitions: number): Promise<WorldError | null> {
    const { topic, config, durability } = this.#options;
    const partitions = Array.from({ length: inputPartitions }, (_, p) => p);
    const committed = await this.#transactions.committed(
      partitions,
      committerOf,
    );
    return missingLog(committed, {
      ...{ topic, group: config.kafka.group, logTopic: durability.windowLog },
      resetCommand: (log) => this.#resetCommand(log),
    });
  }

  #resetCommand(windowLog: string): string {
    const { topic, config } = this.#options;
    return stateCommand("reset", { kafka: config.kafka, topic, windowLog });
  }

  gate(shardCount: number): CommitGate {
    const writer = this.#writer!;
    const holds = this.sender !== null;
    return new CommitGate({
      ...{ shardCount, holds },
      log: (batches) => writer.write(batches),
    });
  }

  keeper(flow: KeeperFlow, gate: CommitGate): Keeper {
    const { config, durability, topic, life, log, meters } = this.#options;
    const { kafka, workers, window, kafkaSource } = config;
    const { windowLog, transactionalId, commitIntervalMs } = durability;
    const transactions = this.#transactions;
    const { cluster } = transactions;
    const writer = this.#writer!;
    const { framesMax, outage } = this.#options;
    return new CommitKeeper(flow, gate, {
      ...{ topic, transactionalId, meters, logTopic: windowLog },
      ...{ group: kafka.group, job: jobOf(window), shardCount: workers },
      ...{ intervalMs: commitIntervalMs, clock: WALL_CLOCK },
      logPartitions: writer.queues.length,
      onNewTopic: kafkaSource.onNewTopic,
      resetCommand: (log) => this.#resetCommand(log),
      failedAtMs: life.failedAtMs,
      info: log,
      log: {
        write: (batches) => writer.write(batches),
        endOffset: (partition) => writer.queues[partition]!.endOffset,
        truncate: (offsets) => deleteRecords(cluster, windowLog, offsets),
      },
      flush: () => flushOutputs(flow.outputs),
      commit: (offsets, seat) => transactions.commit(offsets, seat),
      committed: (partitions, idOf) => transactions.committed(partitions, idOf),
      logBounds: (partitions) => readLogBounds(cluster, windowLog, partitions),
      topicIdNow: async () => (await readTopicState(cluster, topic)).id,
      readLog: (ranges, take) =>
        readLog(
          { kafka, topic: windowLog, framesMax, outage, log: logOf(log) },
          ranges,
          take,
        ),
      warn: (text) => log.warn(text),
      onFailure: (error) => flow.fail(error),
    });
  }

  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #close(): Promise<void> {
    this.#options.signal.removeEventListener("abort", this.#stop);
    await this.#transactions.close();
  }
}

function logOf(log: Logger) {
  return {
    info: (text: string) => log.info(text),
    warn: (text: string) => log.warn(text),
  };
}
