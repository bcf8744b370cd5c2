import { setTimeout as sleep } from "node:timers/promises";
import type { Consumer, Kafka } from "kafkajs";
import type { KafkaSourceConfig } from "../../config/config.ts";
import { isErrorType } from "../../kafka/client.ts";
import type { GroupSeat, OwnSeat } from "../../kafka/group_seat.ts";
import type { LeavingCluster } from "../../kafka/private/group_entry.ts";
import {
  type GroupMember,
  seatMember,
  turnBack,
} from "../../kafka/private/group_seam.ts";
import type { Claimant } from "./deal_partitions.ts";
import { groupFailure } from "./group_failure.ts";
import { JobCompany, type MemberJob } from "./member_jobs.ts";
import type { SourceLog } from "./partition_assignments.ts";
import type { SourceHealth } from "./source_health.ts";
import { dealtCount, dealtJobs, topicAssigner } from "./topic_assigner.ts";

/** Turns of the idle consumer's loop, in which it heartbeats and stops, ms. */
const TURN_MS = 200;
const HEARTBEAT_MS = 1_000;
/** Heartbeats that may get lost before the session times out. */
const SPARE_BEATS = 3;
/** How long the group waits for a member to join again, ms. */
const REBALANCE_TIMEOUT_MS = 60_000;
/** How long a member may take to get ready to join again, ms. */
const READY_TIMEOUT_MS = REBALANCE_TIMEOUT_MS / 2;
const REJOIN_MS = 1_000;

/** What a membership works with. */
export interface GroupMembershipOptions {
  readonly kafka: Kafka;
  /** What it leaves with, if it has not joined yet. */
  readonly cluster: LeavingCluster;
  readonly group: string;
  readonly topic: string;
  /** What is done with what it reads; null: the others are not told. */
  readonly job: MemberJob | null;
  readonly source: Pick<
    KafkaSourceConfig,
    "metadataIntervalMs" | "instance" | "sessionTimeoutMs"
  >;
  /** Who this process was in the group before, which it takes up again. */
  readonly ownSeat: OwnSeat;
  readonly log: SourceLog;
  readonly health: SourceHealth;
  /** Awaited before a member joins again, for half a minute at most. */
  readonly beforeRejoin: () => Promise<void>;
  /** Told all partitions that are owned from here on, and by whom. */
  readonly onAssigned: (partitions: readonly number[], seat: GroupSeat) => void;
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
  readonly #member: GroupMember;
  readonly #leaving = new AbortController();
  readonly #company: JobCompany | null;
  #consumer: Consumer | null = null;
  #otherTopics = "";
  /** What it had last, and by which generation. */
  #owned: Omit<Claimant, "memberId"> = { generation: -1, partitions: [] };

  constructor(options: GroupMembershipOptions) {
    this.#options = options;
    const { ownSeat } = options;
    const { group, topic, job: own, log } = options;
    const warn = (text: string) => log.warn(text);
    const isOld = ownSeat.now !== null;
    this.#company =
      own === null ? null : new JobCompany({ group, topic, own, isOld, warn });
    const { instance } = options.source;
    this.#member = {
      ...{ instance, ownSeat, leaves: instance === null },
      leaving: this.#leaving.signal,
      onSynced: (given) => this.#company?.meet(dealtJobs(given, topic)),
      beforeRejoin: () => this.#getReady(),
      dealtCount,
    };
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
      const dealt = payload.memberAssignment[topic] ?? [];
      const partitions = [...dealt].sort((a, b) => a - b);
      // Kept with this assignment: the next one comes in the background.
      const seat = this.#member.ownSeat.now!;
      this.#owned = { generation: seat.generationId, partitions };
      this.#options.onAssigned(partitions, seat);
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      health.endBeats();
      if (!payload.restart) this.#rejoin(consumer, payload.error);
    });
    // Committed offsets would be past the windows that are still open.
    const run = consumer.run({ autoCommit: false, eachBatch: async () => {} });
    run.catch((error) => this.#rejoin(consumer, error));
  }

  /**
   * Leaves the group, so that the others need not wait for a timeout. A static
   * member only falls silent: it may soon be back.
   */
  async leave(): Promise<void> {
    this.#leaving.abort();
    const { health, group, cluster } = this.#options;
    health.endBeats();
    // A broker that does not answer this does not answer the consumer either.
    await turnBack(this.#member, group, cluster).catch(() => {});
    await this.#consumer?.disconnect();
  }

  get #isLeaving(): boolean {
    return this.#leaving.signal.aborted;
  }

  #createConsumer(): Consumer {
    const { kafka, group, topic, job, source } = this.#options;
    const { metadataIntervalMs, sessionTimeoutMs } = source;
    const beatMs = Math.floor(sessionTimeoutMs / (1 + SPARE_BEATS));
    return kafka.consumer({
      groupId: group,
      partitionAssigners: [
        ({ cluster }) => {
          const assigner = topicAssigner({
            ...{ cluster, topic, job, owned: () => this.#owned },
            onOtherTopics: (topics) => this.#tellOthers(topics),
          });
          return seatMember(assigner, this.#member);
        },
      ],
      allowAutoTopicCreation: false,
      metadataMaxAge: metadataIntervalMs,
      maxWaitTimeInMs: TURN_MS,
      heartbeatInterval: Math.min(HEARTBEAT_MS, beatMs),
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      retry: { restartOnFailure: async () => !this.#isLeaving },
    });
  }

  /** Lets the work under the old assignment end, unless that takes long. */
  async #getReady(): Promise<void> {
    const { group, log, beforeRejoin } = this.#options;
    const done = new AbortController();
    const signal = AbortSignal.any([done.signal, this.#leaving.signal]);
    const timeout = sleep(READY_TIMEOUT_MS, true, { signal }).catch(
      () => false,
    );
    // What fails in it is told by whom it belongs to.
    const ready = beforeRejoin().then(
      () => false,
      () => false,
    );
    const isTimeout = await Promise.race([ready, timeout]);
    done.abort();
    if (this.#isLeaving) throw new Error("this member leaves its group");
    if (!isTimeout) return;
    log.warn(
      `Group "${group}" shares its partitions out anew, and cannot wait any ` +
        "longer for this member to commit: what it has not is done again",
    );
  }

  /** Says once which other topics members of the group read. */
  #tellOthers(topics: readonly string[]): void {
    const names = topics.map((each) => `"${each}"`).join(", ");
    if (names === this.#otherTopics) return;
    this.#otherTopics = names;
    if (names === "") return;
    const { group, topic, log } = this.#options;
    log.info(
      `Group "${group}" has members that read ${names} and not "${topic}": ` +
        "each topic is shared by its own members",
    );
  }

  /** True when another has taken its seat, and it is to be taken back. */
  #takesBack(error: unknown): boolean {
    if (!isErrorType(error, "FENCED_INSTANCE_ID")) return false;
    const { group, log, ownSeat, source } = this.#options;
    const { instance, sessionTimeoutMs } = source;
    if (!ownSeat.tryTakeBack(performance.now(), sessionTimeoutMs)) return false;
    log.warn(
      `Another member of group "${group}" has joined as instance ` +
        `"${instance}": takes the seat back, for that may be a process that ` +
        "was killed, whose request came late",
    );
    return true;
  }

  /** kafkajs gives up where a broker only takes its time to come back. */
  async #rejoin(consumer: Consumer, error: unknown): Promise<void> {
    if (this.#isLeaving || consumer !== this.#consumer) return;
    const { group, health, source, onFailure } = this.#options;
    const { instance } = source;
    const isTakenBack = this.#takesBack(error);
    const failure = isTakenBack
      ? null
      : groupFailure(error, { group, instance });
    if (failure !== null) {
      onFailure(failure);
      return;
    }
    // That it takes its seat back is told already.
    if (isTakenBack) health.endBeats();
    else health.cannotStay(error);
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
