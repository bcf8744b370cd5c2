import { setTimeout as sleep } from "node:timers/promises";
import type { Consumer, Kafka } from "kafkajs";
import { WorldError } from "../../errors.ts";
import { isErrorType, plainMessage } from "../../kafka/client.ts";
import { isFatal } from "./kafka_trouble.ts";
import type { SourceHealth } from "./source_health.ts";
import { topicAssigner } from "./topic_assigner.ts";

/** Turns of the idle consumer's loop, in which it heartbeats and stops, ms. */
const TURN_MS = 200;
const HEARTBEAT_MS = 1_000;
/** A member that was killed holds up its group for so long, ms. */
const SESSION_TIMEOUT_MS = 10_000;
const REJOIN_MS = 1_000;

/** What a membership works with. */
export interface GroupMembershipOptions {
  readonly kafka: Kafka;
  readonly group: string;
  readonly topic: string;
  /** How often partitions that were added are looked for, ms. */
  readonly metadataIntervalMs: number;
  readonly info: (text: string) => void;
  readonly health: SourceHealth;
  /** Told all partitions that are owned from here on. */
  readonly onAssigned: (partitions: readonly number[]) => void;
  /** Called when the group cannot be joined at all. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Membership in a consumer group, and nothing else: the public consumer joins,
 * rebalances and heartbeats, while all its partitions are paused, so that its
 * timing does not depend on how long records take.
 */
export class GroupMembership {
  readonly #options: GroupMembershipOptions;
  #consumer: Consumer | null = null;
  #isLeaving = false;
  #otherTopics = "";

  constructor(options: GroupMembershipOptions) {
    this.#options = options;
  }

  /** Starts to join; `onAssigned` tells when that has come about. */
  async join(): Promise<void> {
    const { topic } = this.#options;
    const consumer = this.#createConsumer();
    this.#consumer = consumer;
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const { health } = this.#options;
    consumer.on(consumer.events.HEARTBEAT, () => {
      if (!this.#isLeaving) health.beat();
    });
    consumer.on(consumer.events.REBALANCING, () => health.endBeats());
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      if (!this.#isLeaving) health.joined();
      consumer.pause([{ topic }]);
      const partitions = payload.memberAssignment[topic] ?? [];
      this.#options.onAssigned([...partitions].sort((a, b) => a - b));
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      health.endBeats();
      if (!payload.restart) this.#rejoin(consumer, payload.error);
    });
    // Committed offsets would be past the windows that are still open.
    const run = consumer.run({ autoCommit: false, eachBatch: async () => {} });
    run.catch((error) => this.#rejoin(consumer, error));
  }

  /** Leaves the group, so that the others need not wait for a timeout. */
  async leave(): Promise<void> {
    this.#isLeaving = true;
    this.#options.health.endBeats();
    await this.#consumer?.disconnect();
  }

  #createConsumer(): Consumer {
    const { kafka, group, topic, metadataIntervalMs } = this.#options;
    return kafka.consumer({
      groupId: group,
      partitionAssigners: [
        ({ cluster }) =>
          topicAssigner({
            cluster,
            topic,
            onOtherTopics: (topics) => this.#tellOthers(topics),
          }),
      ],
      allowAutoTopicCreation: false,
      metadataMaxAge: metadataIntervalMs,
      maxWaitTimeInMs: TURN_MS,
      heartbeatInterval: HEARTBEAT_MS,
      sessionTimeout: SESSION_TIMEOUT_MS,
      retry: { restartOnFailure: async () => !this.#isLeaving },
    });
  }

  /** Says once which other topics members of the group read. */
  #tellOthers(topics: readonly string[]): void {
    const names = topics.map((each) => `"${each}"`).join(", ");
    if (names === this.#otherTopics) return;
    this.#otherTopics = names;
    if (names === "") return;
    const { group, topic, info } = this.#options;
    info(
      `Group "${group}" has members that read ${names} and not "${topic}": ` +
        "each topic is shared by its own members",
    );
  }

  /** kafkajs gives up where a broker only takes its time to come back. */
  async #rejoin(consumer: Consumer, error: unknown): Promise<void> {
    if (this.#isLeaving || consumer !== this.#consumer) return;
    const { group, health, onFailure } = this.#options;
    if (isErrorType(error, "INCONSISTENT_GROUP_PROTOCOL")) {
      onFailure(foreignGroup(group, error));
      return;
    }
    if (isFatal(error)) {
      const text = `Cannot stay in group "${group}": ${plainMessage(error)}`;
      onFailure(new WorldError(text, { cause: error }));
      return;
    }
    health.cannotStay(error);
    this.#consumer = null;
    await consumer.disconnect().catch(() => {});
    await sleep(REJOIN_MS);
    if (this.#isLeaving) return;
    try {
      await this.join();
    } catch (failure) {
      if (this.#consumer) await this.#rejoin(this.#consumer, failure);
    }
  }
}

function foreignGroup(group: string, cause: unknown): WorldError {
  return new WorldError(
    `Cannot join group "${group}": its members are another program, or ` +
      "another version of this one, which shares partitions out in another " +
      "way; stop them or give this job a group of its own with --group",
    { cause },
  );
}
