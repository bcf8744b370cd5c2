import { setTimeout as sleep } from "node:timers/promises";
import { wallClockMs } from "../../clock.ts";
import { connectOrFail, createKafka } from "../../kafka/client.ts";
import { OwnSeat } from "../../kafka/group_seat.ts";
import {
  createFetchCluster,
  type FetchCluster,
} from "../../kafka/private/fetch_seam.ts";
import { ensureTopic } from "../../kafka/topics.ts";
import type {
  InputExtent,
  PartitionProgress,
  Source,
  SourceEvent,
  WantedPartition,
} from "../source.ts";
import { EventQueue } from "./event_queue.ts";
import { FetchLoop, type FetchLoopOptions } from "./fetch_loop.ts";
import { answerPool } from "./fetch_request.ts";
import { FrameSockets } from "./frame_sockets.ts";
import { GroupMembership } from "./group_membership.ts";
import type { KafkaSourceOptions } from "./kafka_source_options.ts";
import { readFailure } from "./kafka_trouble.ts";
import {
  PartitionAssignments,
  type SourceLog,
} from "./partition_assignments.ts";
import type { FirstPosition } from "./partition_position.ts";
import { SourceHealth } from "./source_health.ts";
import { readOffsets } from "./topic_offsets.ts";
import { TopicWatch } from "./topic_watch.ts";

/** Attempts of kafkajs before the loops here take over with theirs. */
const RETRIES = 5;
/** Partitions of a source topic that `--create-source` creates. */
const NEW_TOPIC_PARTITIONS = 2;
/** Time to leave the group and close connections in good order, ms. */
const CLOSE_DEADLINE_MS = 1_500;
/** The longest time that a timer can take, ms. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Reads a Kafka topic from its earliest offsets, `read_committed`. Unbounded,
 * it shares the partitions with its consumer group; bounded, it reads them all
 * and stands outside the group. It commits nothing.
 */
export class KafkaSource implements Source {
  readonly topic: string;
  readonly #options: KafkaSourceOptions;
  readonly #log: SourceLog;
  readonly #queue = new EventQueue();
  readonly #sockets: FrameSockets;
  #cluster: ReturnType<typeof createFetchCluster> | null = null;
  #loop: FetchLoop | null = null;
  #assignments: PartitionAssignments | null = null;
  #checking: NodeJS.Timeout | undefined;
  #membership: GroupMembership | null = null;
  #beforeRejoin: () => Promise<void> = async () => {};
  #failure: unknown = null;
  #isStopped = false;
  #health: SourceHealth | null = null;

  constructor(options: KafkaSourceOptions) {
    this.topic = options.topic;
    this.#options = options;
    this.#log = options.logger ?? { info() {}, warn() {} };
    this.#sockets = new FrameSockets(answerPool(options.framesMax));
  }

  get partitionCount(): number {
    return this.#assignments?.partitionCount ?? 0;
  }

  get isReady(): boolean {
    return !this.#queue.isEmpty;
  }

  async open(): Promise<void> {
    const { topic, kafka: config, source } = this.#options;
    const { bounded, readsAll = false } = this.#options;
    const partitionCount = await ensureTopic(config, {
      topic,
      purpose: readsAll ? "follow" : "read",
      partitionCount: NEW_TOPIC_PARTITIONS,
      mayCreate: source.createSource,
    });
    const socketFactory = this.#sockets.create;
    const kafka = createKafka(config, { retries: RETRIES, socketFactory });
    this.#cluster = createFetchCluster(kafka);
    await connectOrFail(this.#cluster, config);
    const watch = new TopicWatch(this.#cluster, topic);
    const health = new SourceHealth({
      ...this.#options,
      warn: (text) => this.#log.warn(text),
    });
    this.#health = health;
    this.#loop = this.#createLoop({ cluster: this.#cluster, watch, health });
    this.#assignments?.onPartitions(partitionCount);
    this.#membership = new GroupMembership({
      kafka,
      cluster: this.#cluster,
      group: config.group,
      ...{ topic, source, health, log: this.#log },
      job: this.#options.job ?? null,
      ownSeat: this.#options.ownSeat ?? new OwnSeat(),
      beforeRejoin: () => this.#beforeRejoin(),
      onAssigned: (partitions, seat) => {
        if (!this.#isStopped) this.#assignments?.assign(partitions, { seat });
      },
      onFailure: (error) => this.#fail(error),
    });
    try {
      await this.#cluster.addTargetTopic(topic);
      await watch.refresh();
      if (this.#assignments !== null) this.#assignments.topicId = watch.id;
      if (bounded || readsAll) await this.#assignAll(this.#cluster);
    } catch (error) {
      throw await this.#closedBy(error);
    }
  }

  async join(): Promise<void> {
    const { bounded, readsAll = false } = this.#options;
    if (bounded || readsAll) return;
    try {
      await this.#membership?.join();
    } catch (error) {
      throw await this.#closedBy(error);
    }
  }

  /** Closes what is open; resolves to what is to be thrown. */
  async #closedBy(error: unknown): Promise<Error> {
    await this.close();
    return readFailure(this.topic, error);
  }

  async *events(): AsyncGenerator<SourceEvent, void> {
    // Not before: what was fetched would wait for the shards to get ready.
    this.#loop?.run();
    this.#checking = setInterval(
      () => this.#loop?.checkTopic(),
      Math.min(this.#options.source.metadataIntervalMs, MAX_TIMER_MS),
    );
    try {
      for (;;) {
        if (this.#failure) throw readFailure(this.topic, this.#failure);
        if (this.#isStopped) return;
        const entry = this.#queue.shift();
        this.#loop?.pulled();
        if (entry === undefined) {
          if (this.#options.bounded && this.#isRead) return;
          await this.#queue.arrival();
          continue;
        }
        yield entry.event;
        this.#queue.passed(entry);
      }
    } finally {
      this.stop();
    }
  }

  begin(partition: number, from: FirstPosition): void {
    this.#loop?.begin(partition, from);
  }

  prefer(wanted: readonly WantedPartition[]): void {
    this.#queue.prefer(wanted);
    this.#loop?.wake();
  }

  onRejoin(hook: () => Promise<void>): void {
    this.#beforeRejoin = hook;
  }

  partitions(): readonly PartitionProgress[] {
    return this.#loop?.table.progress(wallClockMs()) ?? [];
  }

  extent(): InputExtent | null {
    return this.#loop?.table.extent(wallClockMs()) ?? null;
  }

  get goneRecords(): number {
    return this.#assignments?.goneRecords ?? 0;
  }

  stop(): void {
    this.#isStopped = true;
    clearInterval(this.#checking);
    this.#loop?.stop();
    this.#queue.wake();
  }

  async close(): Promise<void> {
    this.stop();
    this.#queue.clear();
    const timeout = sleep(CLOSE_DEADLINE_MS, undefined, { ref: false });
    // The group is left over connections of the cluster.
    await Promise.race([this.#membership?.leave().catch(() => {}), timeout]);
    const disconnected = this.#cluster?.disconnect().catch(() => {});
    await Promise.race([disconnected, timeout]);
    this.#health?.close();
    this.#sockets.close();
  }

  #createLoop(
    parts: Pick<FetchLoopOptions, "cluster" | "watch" | "health">,
  ): FetchLoop {
    const { bounded, source, framesMax } = this.#options;
    const { restartsAll = false, readsAll = false } = this.#options;
    const assignments = new PartitionAssignments({
      ...{ topic: this.topic, bounded, restartsAll, readsAll },
      ...{ queue: this.#queue, log: this.#log },
      onNewTopic: bounded ? "stop" : source.onNewTopic,
      read: (positions) => loop.assign(positions),
      table: () => loop.table,
    });
    this.#assignments = assignments;
    const loop = new FetchLoop({
      ...{ topic: this.topic, framesMax, losses: assignments, ...parts },
      ...{ sockets: this.#sockets, queue: this.#queue },
      onFailure: (error) => this.#fail(error),
    });
    return loop;
  }

  /** Owns every partition; a bounded run up to the offsets of this moment. */
  async #assignAll(cluster: FetchCluster): Promise<void> {
    const known = cluster.findTopicPartitionMetadata(this.topic);
    const partitions = known.map(({ partitionId }) => partitionId);
    partitions.sort((a, b) => a - b);
    const atEnd = { partitions, end: true };
    const ends = await readOffsets(cluster, this.topic, atEnd);
    const endOffset = (each: number) =>
      this.#options.bounded ? (ends.get(each) ?? 0) : Infinity;
    this.#assignments?.assign(partitions, { endOffset });
  }

  get #isRead(): boolean {
    return this.#queue.isDrained && this.#loop!.table.isFinished;
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#queue.wake();
  }
}
