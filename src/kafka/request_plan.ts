import type { OutgoingBatch } from "./outgoing_batch.ts";
import type { PartitionQueue } from "./partition_queue.ts";
import type { TopicBatches } from "./produce_frame.ts";
import type { TopicWriter } from "./topic_writer.ts";

/** Bytes after which no further partition joins a produce request. */
const REQUEST_BYTES_MAX = 8 * 1024 * 1024;

/** One batch of a request. */
export interface Item {
  readonly writer: TopicWriter;
  readonly queue: PartitionQueue;
  readonly batch: OutgoingBatch;
}

/** What could be sent. */
export interface DueRequests {
  /** Brokers for which something waits. */
  readonly nodes: ReadonlySet<number>;
  /** When the first partition that pauses may be tried again, ms. */
  readonly nextRetryMs: number;
  /** True when a partition that is due has no leader that is known. */
  readonly isAnyLost: boolean;
}

/** Which partitions' batches go into the next request to a broker. */
export class RequestPlan {
  readonly #writers: readonly TopicWriter[];
  #places: Omit<Item, "batch">[] = [];
  #knownWriters = 0;
  /** Of all queues, the one that the next request begins with. */
  #first = 0;

  constructor(writers: readonly TopicWriter[]) {
    this.#writers = writers;
  }

  /** Which brokers could get a request now, and what has to come first. */
  due(nowMs: number): DueRequests {
    const nodes = new Set<number>();
    let nextRetryMs = Number.POSITIVE_INFINITY;
    let isAnyLost = false;
    for (const { queue } of this.#allPlaces()) {
      if (queue.isEmpty || queue.isInFlight) continue;
      if (!queue.isDue(nowMs)) {
        nextRetryMs = Math.min(nextRetryMs, queue.retryAtMs);
      } else if (queue.leader < 0) isAnyLost = true;
      else nodes.add(queue.leader);
    }
    return { nodes, nextRetryMs, isAnyLost };
  }

  /** One batch of each partition that `node` leads and that has any. */
  next(node: number, nowMs: number): Item[] {
    const all = this.#allPlaces();
    const items: Item[] = [];
    let byteLength = 0;
    for (let i = 0; i < all.length; i++) {
      const at = (this.#first + i) % all.length;
      const { writer, queue } = all[at]!;
      if (queue.leader !== node || !queue.isDue(nowMs)) continue;
      if (byteLength >= REQUEST_BYTES_MAX) {
        // The next request begins with the one that had no room in this.
        this.#first = at;
        break;
      }
      const batch = queue.head();
      byteLength += batch.bytes.length;
      items.push({ writer, queue, batch });
    }
    return items;
  }

  #allPlaces(): readonly Omit<Item, "batch">[] {
    const writers = this.#writers;
    if (this.#knownWriters < writers.length) {
      this.#knownWriters = writers.length;
      this.#places = writers.flatMap((writer) =>
        writer.queues.map((queue) => ({ writer, queue })),
      );
    }
    return this.#places;
  }
}

/** The batches of a request as the wire groups them. */
export function byTopic(items: readonly Item[]): TopicBatches[] {
  const topics = Map.groupBy(items, ({ writer }) => writer.topic);
  return [...topics].map(([topic, ofTopic]) => ({
    topic,
    batches: ofTopic.map(({ batch }) => batch),
  }));
}
