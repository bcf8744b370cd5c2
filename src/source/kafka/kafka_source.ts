import { setTimeout as sleep } from "node:timers/promises";
import { wallClockMs } from "../../clock.ts";
import type { KafkaConfig } from "../../config/config.ts";
import { WorldError } from "../../errors.ts";
import {
  connectOrFail,
  createKafka,
  plainMessage,
} from "../../kafka/client.ts";
import {
  createFetchCluster,
  type FetchCluster,
} from "../../kafka/private/fetch_seam.ts";
import { ensureTopic } from "../../kafka/topics.ts";
import type {
  PartitionProgress,
  Source,
  SourceEvent,
  StartOffset,
} from "../source.ts";
import { EventQueue } from "./event_queue.ts";
import { FetchLoop } from "./fetch_loop.ts";
import { FramePool } from "./frame_pool.ts";
import { FrameSockets } from "./frame_sockets.ts";
import { GroupMembership } from "./group_membership.ts";
import { PartitionPosition } from "./partition_position.ts";
import { readOffsets } from "./topic_offsets.ts";

/** Attempts of kafkajs before the loops here take over with theirs. */
const RETRIES = 5;
/** Partitions of a source topic that `--create-topics` creates. */
const NEW_TOPIC_PARTITIONS = 2;
/** Time to leave the group and close connections in good order, ms. */
const CLOSE_DEADLINE_MS = 1_500;
/** Warnings come at most this often, ms. */
const WARN_INTERVAL_MS = 5_000;

/** What to read, and how far. */
export interface KafkaSourceOptions {
  readonly topic: string;
  readonly kafka: KafkaConfig;
  /** True to end at the last stable offsets that `open` finds. */
  readonly bounded: boolean;
  readonly logger?: { warn(text: string): void };
}

/**
 * Reads a Kafka topic from its earliest offsets, `read_committed`. Unbounded,
 * it shares the partitions with its consumer group; bounded, it reads them all
 * and stands outside the group. It commits nothing.
 */
export class KafkaSource implements Source {
  readonly topic: string;
  readonly #options: KafkaSourceOptions;
  readonly #queue = new EventQueue();
  readonly #sockets = new FrameSockets(new FramePool());
  #cluster: FetchCluster | null = null;
  #loop: FetchLoop | null = null;
  #membership: GroupMembership | null = null;
  #failure: unknown = null;
  #isStopped = false;
  #partitionCount = 0;
  #lastWarningMs = Number.NEGATIVE_INFINITY;

  constructor(options: KafkaSourceOptions) {
    this.topic = options.topic;
    this.#options = options;
  }

  get partitionCount(): number {
    return this.#partitionCount;
  }

  get isReady(): boolean {
    return !this.#queue.isEmpty;
  }

  async open(): Promise<void> {
    const { kafka: config } = this.#options;
    const { topic } = this;
    this.#partitionCount = await ensureTopic(config, {
      topic,
      purpose: "read",
      partitionCount: NEW_TOPIC_PARTITIONS,
    });
    const kafka = createKafka(config, {
      retries: RETRIES,
      socketFactory: this.#sockets.create,
    });
    this.#cluster = createFetchCluster(kafka);
    await connectOrFail(this.#cluster, config.brokers);
    this.#loop = this.#createLoop(this.#cluster);
    this.#membership = new GroupMembership({
      kafka,
      group: config.group,
      topic,
      warn: (text) => this.#warn(text),
      onAssigned: (partitions) => this.#assign(partitions),
      onFailure: (error) => this.#fail(error),
    });
    try {
      await this.#cluster.addTargetTopic(topic);
      if (this.#options.bounded) await this.#assignAll(this.#cluster);
      else await this.#membership.join();
    } catch (error) {
      await this.close();
      throw readFailure(topic, error);
    }
  }

  async *events(): AsyncGenerator<SourceEvent, void> {
    // Not before: what was fetched would wait for the shards to get ready.
    this.#loop?.run();
    try {
      for (;;) {
        if (this.#failure) throw readFailure(this.topic, this.#failure);
        if (this.#isStopped) return;
        const entry = this.#queue.shift();
        if (entry === undefined) {
          if (this.#isAllFinished()) return;
          await this.#queue.arrival();
          continue;
        }
        for (const position of entry.announced) position.isAnnounced = true;
        yield entry.event;
        if (entry.position !== null) {
          entry.position.unreadChunks--;
          entry.position.takenOffset = entry.nextOffset;
        }
      }
    } finally {
      this.stop();
    }
  }

  begin(partition: number, from: StartOffset): void {
    this.#loop?.begin(partition, from);
  }

  partitions(): readonly PartitionProgress[] {
    const nowMs = wallClockMs();
    const positions = this.#loop?.table.all ?? [];
    return positions.map((position) => position.progress(nowMs));
  }

  stop(): void {
    this.#isStopped = true;
    this.#loop?.stop();
    this.#queue.wake();
  }

  async close(): Promise<void> {
    this.stop();
    this.#queue.dropUnless(() => false);
    const orderly = Promise.allSettled([
      this.#membership?.leave(),
      this.#cluster?.disconnect(),
    ]);
    const deadline = new AbortController();
    const { signal } = deadline;
    const timeout = sleep(CLOSE_DEADLINE_MS, undefined, { signal });
    await Promise.race([orderly, timeout]);
    deadline.abort();
    timeout.catch(() => {});
    this.#sockets.close();
  }

  #createLoop(cluster: FetchCluster): FetchLoop {
    return new FetchLoop({
      topic: this.topic,
      cluster,
      sockets: this.#sockets,
      queue: this.#queue,
      warn: (text) => this.#warn(text),
      onFailure: (error) => this.#fail(error),
    });
  }

  /** A bounded run owns every partition, up to the offsets of this moment. */
  async #assignAll(cluster: FetchCluster): Promise<void> {
    const known = cluster.findTopicPartitionMetadata(this.topic);
    const partitions = known.map(({ partitionId }) => partitionId);
    partitions.sort((a, b) => a - b);
    const ends = await readOffsets(cluster, this.topic, {
      partitions,
      end: true,
    });
    const positions = partitions.map((partition) => {
      const endOffset = ends.get(partition) ?? 0;
      return new PartitionPosition(partition, endOffset);
    });
    const restarted = partitions;
    this.#queue.push({ kind: "assigned", partitions, restarted }, positions);
    this.#loop?.assign(positions);
  }

  /** Partitions that stay keep their positions and what was read of them. */
  #assign(partitions: readonly number[]): void {
    if (this.#isStopped || this.#loop === null) return;
    const { table } = this.#loop;
    const restarted = partitions.filter((each) => !table.find(each));
    const positions = partitions.map(
      (each) => table.find(each) ?? new PartitionPosition(each),
    );
    const announced = positions.filter((each) => !table.has(each));
    this.#loop.assign(positions);
    this.#partitionCount = Math.max(
      this.#partitionCount,
      ...partitions.map((each) => each + 1),
    );
    this.#queue.push({ kind: "assigned", partitions, restarted }, announced);
  }

  #isAllFinished(): boolean {
    if (!this.#options.bounded) return false;
    const positions = this.#loop?.table.all ?? [];
    return positions.every(({ isFinished }) => isFinished);
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#queue.wake();
  }

  #warn(text: string): void {
    const nowMs = wallClockMs();
    if (nowMs - this.#lastWarningMs < WARN_INTERVAL_MS) return;
    this.#lastWarningMs = nowMs;
    this.#options.logger?.warn(text);
  }
}

function readFailure(topic: string, error: unknown): WorldError {
  if (error instanceof WorldError) return error;
  return new WorldError(
    `Cannot read topic "${topic}": ${plainMessage(error)}`,
    { cause: error },
  );
}
