import type { Clock } from "../clock.ts";
import { WorldError } from "../errors.ts";
import { isNoAnswer } from "./client_trouble.ts";
import type { PartitionQueue } from "./partition_queue.ts";
import type { SendCluster } from "./private/send_seam.ts";
import { readTopicState, type TopicState } from "./private/topic_seam.ts";
import type { SenderHealth } from "./sender_health.ts";
import type { TopicWriter } from "./topic_writer.ts";

/** How often topics are looked at, to see whether they still are the same, ms. */
const CHECK_MS = 30_000;
/** And where nobody else would notice that the brokers are away. */
const PROBE_MS = 5_000;

/** What a finder works with. */
export interface LeaderFinderOptions {
  readonly cluster: SendCluster;
  readonly writers: readonly TopicWriter[];
  readonly health: SenderHealth;
  readonly clock: Clock;
  /** Its brokers are looked for also while nothing is written. */
  readonly isAlone?: boolean;
  /** Told of each partition that still has no leader. */
  readonly onTrouble: (
    writer: TopicWriter,
    queue: PartitionQueue,
    error: unknown,
  ) => void;
  /** Called when a search is over. */
  readonly onFound: () => void;
  /** Told of topics that have more partitions than before. */
  readonly warn: (text: string) => void;
}

/**
 * Finds the leaders of the partitions that have lost theirs, and sees to it
 * that topics are what they were.
 */
export class LeaderFinder {
  readonly #options: LeaderFinderOptions;
  #isFinding = false;
  #isChecking = false;
  #endChecks: (() => void) | null = null;

  constructor(options: LeaderFinderOptions) {
    this.#options = options;
  }

  /** Looks at the topics now and then, until `close`. */
  open(): void {
    const { clock, isAlone } = this.#options;
    const everyMs = isAlone ? PROBE_MS : CHECK_MS;
    this.#endChecks = clock.every(everyMs, () => this.#checkTopics());
  }

  close(): void {
    this.#endChecks?.();
  }

  /** Finds leaders, unless that is going on. Never rejects. */
  async find(): Promise<void> {
    if (this.#isFinding) return;
    const { writers, health, clock, onFound } = this.#options;
    this.#isFinding = true;
    for (const writer of writers) {
      const nowMs = clock.nowMs();
      const lost = writer.queues.filter(
        (queue) => queue.leader < 0 && queue.isDue(nowMs),
      );
      if (lost.length > 0) await this.#findFor(writer, lost);
    }
    this.#isFinding = false;
    health.check();
    onFound();
  }

  async #findFor(
    writer: TopicWriter,
    lost: readonly PartitionQueue[],
  ): Promise<void> {
    const { cluster, health, onTrouble } = this.#options;
    const answered = health.request();
    try {
      await findLeaders(cluster, writer, lost);
      for (const queue of lost) {
        if (queue.leader >= 0) continue;
        onTrouble(writer, queue, noLeader(queue.partition));
      }
    } catch (error) {
      for (const queue of lost) onTrouble(writer, queue, error);
    } finally {
      answered();
    }
  }

  /** Looks at the topics, unless that is going on. Never rejects. */
  async #checkTopics(): Promise<void> {
    if (this.#isChecking) return;
    this.#isChecking = true;
    for (const writer of this.#options.writers) {
      const isKnown = writer.id !== null || this.#options.isAlone;
      if (isKnown && !writer.hasFailed) await this.#checkTopic(writer);
    }
    this.#isChecking = false;
  }

  /** A topic that was made anew would take what is written without a word. */
  async #checkTopic(writer: TopicWriter): Promise<void> {
    const { cluster, health, isAlone, warn } = this.#options;
    const answered = isAlone ? health.request() : null;
    try {
      // Brokers are known by their addresses alone until something is written.
      const pool = cluster.brokerPool;
      const isNew = pool.getNodeIds().length === 0;
      if (isNew) await pool.refreshMetadata([writer.topic]);
      const { partitionCount } = await checkIdentity(cluster, writer);
      const news = writer.see(partitionCount ?? 0);
      if (news !== null) warn(news);
      if (isAlone) health.check();
    } catch (error) {
      // Other troubles are told when something is written.
      if (error instanceof WorldError) health.giveUp(writer, error);
      else if (isAlone && isNoAnswer(error)) health.unreachable(writer, error);
    } finally {
      answered?.();
    }
  }
}

/**
 * Finds the leaders of `lost`, as far as they have any. Throws a `WorldError`
 * when the name belongs to another topic now.
 */
async function findLeaders(
  cluster: SendCluster,
  writer: TopicWriter,
  lost: readonly PartitionQueue[],
): Promise<void> {
  const { topic } = writer;
  const pool = cluster.brokerPool;
  await pool.refreshMetadata([topic]);
  const found = pool.metadata?.topicMetadata ?? [];
  const known = found.find((each) => each.topic === topic);
  await checkIdentity(cluster, writer);
  for (const queue of lost) {
    const { partition } = queue;
    const leader = known?.partitionMetadata.find(
      ({ partitionId }) => partitionId === partition,
    )?.leader;
    queue.leader = leader ?? -1;
  }
}

/**
 * Throws a `WorldError` when the topic is not the one that it was: what was
 * written has gone with that.
 */
async function checkIdentity(
  cluster: SendCluster,
  writer: TopicWriter,
): Promise<TopicState> {
  const state = await readTopicState(cluster, writer.topic);
  writer.id ??= state.id;
  if (state.id === null || writer.id === state.id) return state;
  throw new WorldError(
    "it was deleted and created anew, and what was written to it is gone; " +
      "start again to write to the new topic",
  );
}

/** Why a partition cannot be written to now. */
export function noLeader(partition: number): Error {
  const error = new Error(`partition ${partition} has no leader`);
  return Object.assign(error, { retriable: true });
}
