import type { Random } from "../../../src/generate/random.ts";
import type { GroupSeat } from "../../../src/kafka/group_seat.ts";
import type { Scheduler } from "../scheduler.ts";
import { GroupCoordinator } from "./group_coordinator.ts";
import type { ModelOffset, PartitionOffset } from "./group_offsets.ts";
import { KafkaError } from "./kafka_error.ts";
import { ModelPartition } from "./model_partition.ts";
import {
  type Participant,
  type TransactionalProducer,
  TransactionCoordinator,
} from "./transaction_coordinator.ts";

/** A topic, which its id tells from another one of the same name. */
export interface ModelTopic {
  readonly id: string;
  readonly partitions: ModelPartition[];
}

/** How often brokers look at what takes too long, ms. */
const TICK_MS = 250;
/** Longest time until a transaction's marker is written, ms: usually, rarely. */
const MARKER_MS = 6;
const SLOW_MARKER_MS = 400;

/**
 * Kafka, as far as a durable run has to do with it: what a broker does with a
 * request, at once. How long that takes and what gets lost is the network's.
 */
export class ModelKafka {
  readonly transactions: TransactionCoordinator;
  readonly topics = new Map<string, ModelTopic>();
  readonly #groups = new Map<string, GroupCoordinator>();
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #slowMarkerOneIn: number;
  #topicsMade = 0;
  #isAwayUntilMs = -Infinity;

  /** One of so many markers is late: `slowMarkerOneIn`. */
  constructor(
    scheduler: Scheduler,
    random: Random,
    options: { readonly slowMarkerOneIn: number } = { slowMarkerOneIn: 10 },
  ) {
    this.#slowMarkerOneIn = options.slowMarkerOneIn;
    this.#scheduler = scheduler;
    this.#random = random;
    this.transactions = new TransactionCoordinator({
      nowMs: () => scheduler.nowMs(),
      writeLater: (place, write) => this.#writeMarker(place, write),
      participant: (place) => this.#participant(place),
    });
    scheduler.every(TICK_MS, () => this.#tick());
  }

  /** True while no broker answers. */
  get isAway(): boolean {
    return this.#scheduler.nowMs() < this.#isAwayUntilMs;
  }

  /** All brokers go, and come back so many ms later. */
  goAway(ms: number): void {
    this.#isAwayUntilMs = this.#scheduler.nowMs() + ms;
    this.#scheduler.at(this.#isAwayUntilMs, "brokers are back", () => {
      for (const group of this.#groups.values()) group.reload();
    });
  }

  /** Makes a topic; one that has its name is gone with it. */
  createTopic(name: string, partitionCount: number): ModelTopic {
    const partitions = Array.from(
      { length: partitionCount },
      () => new ModelPartition(),
    );
    const number = String(++this.#topicsMade).padStart(6, "0");
    const topic = { id: `modelled-topic-${number}a`, partitions };
    this.topics.set(name, topic);
    return topic;
  }

  topic(name: string): ModelTopic {
    const topic = this.topics.get(name);
    if (topic !== undefined) return topic;
    throw new KafkaError("UNKNOWN_TOPIC_OR_PARTITION");
  }

  partition(name: string, partition: number): ModelPartition {
    const found = this.topic(name).partitions[partition];
    if (found !== undefined) return found;
    throw new KafkaError("UNKNOWN_TOPIC_OR_PARTITION");
  }

  /** Adds partitions until there are so many. */
  grow(name: string, partitionCount: number): void {
    const { partitions } = this.topic(name);
    while (partitions.length < partitionCount) {
      partitions.push(new ModelPartition());
    }
  }

  group(id: string): GroupCoordinator {
    let group = this.#groups.get(id);
    if (group === undefined) {
      group = new GroupCoordinator(() => this.#scheduler.nowMs());
      this.#groups.set(id, group);
    }
    return group;
  }

  /** Appends a batch that its producer has stamped; returns its first offset. */
  produce(batch: {
    readonly transactionalId: string;
    readonly topic: string;
    readonly partition: number;
    readonly bytes: Buffer;
  }): number {
    const { transactionalId, topic, partition, bytes } = batch;
    const producer = {
      transactionalId,
      producerId: Number(bytes.readBigInt64BE(43)),
      producerEpoch: bytes.readInt16BE(51),
    };
    const place = placeOf(topic, partition);
    return this.partition(topic, partition).appendTransactional(bytes, () =>
      this.transactions.verify(producer, place),
    );
  }

  /** Holds the offsets of a group's member until its transaction ends. */
  txnOffsetCommit(
    producer: TransactionalProducer,
    commit: {
      readonly groupId: string;
      readonly seat: GroupSeat;
      readonly offsets: readonly PartitionOffset[];
    },
  ): void {
    const group = this.group(commit.groupId);
    this.transactions.verify(producer, groupPlace(commit.groupId));
    group.checkCommit(commit.seat);
    group.offsets.hold(producer.producerId, commit.offsets);
  }

  /** Committed offsets; a stable one throws while it may still change. */
  offsetFetch(
    groupId: string,
    partitions: readonly number[],
    options: { readonly requireStable: boolean },
  ): ReadonlyMap<number, ModelOffset | null | "unstable"> {
    const { offsets } = this.group(groupId);
    return new Map(
      partitions.map((partition) => {
        const isUnstable =
          options.requireStable && offsets.isUnstable(partition);
        const committed = offsets.committed.get(partition) ?? null;
        return [partition, isUnstable ? "unstable" : committed];
      }),
    );
  }

  #participant(place: string): Participant | null {
    if (place.startsWith(GROUP_PREFIX)) {
      return this.group(place.slice(GROUP_PREFIX.length)).offsets;
    }
    const [topic, partition] = place.split("/");
    return this.topics.get(topic!)?.partitions[Number(partition)] ?? null;
  }

  #writeMarker(place: string, write: () => void): void {
    const isSlow = this.#random.below(this.#slowMarkerOneIn) === 0;
    const ms = this.#random.below(isSlow ? SLOW_MARKER_MS : MARKER_MS);
    const attempt = () => {
      if (!this.isAway) write();
      else {
        this.#scheduler.at(this.#isAwayUntilMs, `marker of ${place}`, attempt);
      }
    };
    const dueMs = this.#scheduler.nowMs() + ms;
    this.#scheduler.at(dueMs, `marker of ${place}`, attempt);
  }

  #tick(): void {
    if (this.isAway) return;
    this.transactions.tick();
    for (const group of this.#groups.values()) group.tick();
  }
}

const GROUP_PREFIX = "group ";

/** How a transaction names a partition. */
export function placeOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}

/** How it names the offsets of a group. */
export function groupPlace(groupId: string): string {
  return `${GROUP_PREFIX}${groupId}`;
}
