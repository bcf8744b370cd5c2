import type { Clock } from "../clock.ts";
import type { PartitionQueue } from "./partition_queue.ts";
import type { SendCluster } from "./private/send_seam.ts";
import type { SenderHealth } from "./sender_health.ts";
import { checkIdentity } from "./topic_checks.ts";
import type { TopicWriter } from "./topic_writer.ts";

/** What a finder works with. */
export interface LeaderFinderOptions {
  readonly cluster: SendCluster;
  readonly writers: readonly TopicWriter[];
  readonly health: SenderHealth;
  readonly clock: Clock;
  /** Called when a search is over. */
  readonly onFound: () => void;
}

/** Finds the leaders of the partitions that have lost theirs. */
export class LeaderFinder {
  readonly #options: LeaderFinderOptions;
  #isFinding = false;

  constructor(options: LeaderFinderOptions) {
    this.#options = options;
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
    const { cluster, health } = this.#options;
    const answered = health.request();
    try {
      await findLeaders(cluster, writer, lost);
      for (const queue of lost) {
        if (queue.leader >= 0) continue;
        health.postpone({ writer, queue }, noLeader(queue.partition));
      }
    } catch (error) {
      for (const queue of lost) health.postpone({ writer, queue }, error);
    } finally {
      answered();
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

/** Why a partition cannot be written to now. */
export function noLeader(partition: number): Error {
  const error = new Error(`partition ${partition} has no leader`);
  return Object.assign(error, { retriable: true });
}
