import type { InputExtent, PartitionProgress } from "../source.ts";
import { PartitionPosition } from "./partition_position.ts";

/** The partitions that are owned, in the order in which they are next asked for. */
export class PartitionTable {
  #positions: PartitionPosition[] = [];

  /** All positions, those first that have waited longest for records. */
  get all(): readonly PartitionPosition[] {
    return this.#positions;
  }

  /** True when all of them are bounded, and read to their ends. */
  get isFinished(): boolean {
    return this.#positions.every(({ isFinished }) => isFinished);
  }

  /** How far each owned partition is read. */
  progress(nowMs: number): PartitionProgress[] {
    return this.#positions.map((each) => each.progress(nowMs));
  }

  /** How much of all that is owned is read; null where it does not end. */
  extent(nowMs: number): InputExtent | null {
    let done = 0;
    let total = 0;
    for (const each of this.#positions) {
      const { firstOffset, endOffset } = each;
      if (firstOffset < 0 || !Number.isFinite(endOffset)) return null;
      const position = each.progress(nowMs).position ?? firstOffset;
      done += Math.max(0, Math.min(position, endOffset) - firstOffset);
      total += Math.max(0, endOffset - firstOffset);
    }
    return total === 0 ? null : { done, total };
  }

  /** The position of a partition, undefined when it is not owned. */
  find(partition: number): PartitionPosition | undefined {
    return this.#positions.find((each) => each.partition === partition);
  }

  /** True when answers to the position still count. */
  has(position: PartitionPosition): boolean {
    return this.#positions.includes(position);
  }

  /** Replaces a position by one that has not begun, and returns that. */
  renew(old: PartitionPosition): PartitionPosition {
    const next = new PartitionPosition(old.partition, old.endOffset);
    next.isAnnounced = old.isAnnounced;
    this.#positions[this.#positions.indexOf(old)] = next;
    return next;
  }

  /** Replaces the owned partitions. */
  assign(positions: readonly PartitionPosition[]): void {
    this.#positions = [...positions];
  }

  /**
   * Puts a partition that got records behind the others: the broker fills a
   * response in the order of the request, and the last ones may get nothing.
   */
  moveToEnd(position: PartitionPosition): void {
    const index = this.#positions.indexOf(position);
    if (index < 0) return;
    this.#positions.splice(index, 1);
    this.#positions.push(position);
  }
}

/**
 * The positions of the next request to `node`; none when there is nothing to
 * ask for. With `others` requests already on their way it takes only what is
 * known to be answered at once.
 */
export function planFetch(
  table: PartitionTable,
  node: number,
  others: number,
): PartitionPosition[] {
  const fetchable = table.all.filter((each) => each.isFetchable(node));
  const behind = fetchable.filter((each) => each.isBehind);
  // A broker answers a connection's requests one by one: a request that waits
  // for new records would hold back the other one.
  if (behind.length === 0) return others > 0 ? [] : fetchable;
  // Half for this request and half for the one that overlaps with it.
  const ofNode = table.all.filter(
    (each) => each.leader === node && each.isBehind,
  );
  const share = others > 0 ? behind.length : Math.ceil(ofNode.length / 2);
  const caughtUp = fetchable.filter((each) => !each.isBehind);
  return [...behind.slice(0, share), ...caughtUp];
}
