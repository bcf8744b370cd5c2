import { readLastOffset } from "../record/batch_header_reader.ts";
import type { Chunk } from "../record/chunk.ts";
import type { PartitionProgress } from "../source/source.ts";

/** Where the input is read up to, partition by partition: always whole chunks. */
export class Positions {
  /** By partition: the offset behind all that was dealt. */
  #dealt = new Map<number, number>();
  /** The same at the last cut. */
  #cut: ReadonlyMap<number, number> = new Map();
  /** Records dealt since the last cut. */
  recordsSince = 0;

  /** Begins with an assignment, at the offsets from which each is read. */
  begin(offsets: ReadonlyMap<number, number>): void {
    this.#dealt = new Map(offsets);
    this.#cut = new Map(offsets);
    this.recordsSince = 0;
  }

  /** A chunk is dealt. */
  dealt({ partition, bytes, starts, endOffset, count }: Chunk): void {
    const last = starts.at(-1);
    if (last === undefined) return;
    const next = Math.min(endOffset, readLastOffset(bytes, last) + 1);
    const before = this.#dealt.get(partition) ?? next;
    this.#dealt.set(partition, Math.max(before, next));
    this.recordsSince += count;
  }

  /**
   * By partition: what comes from this offset on is not dealt. Where a source
   * has read past what holds no records, so far; where it is not known, none.
   */
  cut(progress: readonly PartitionProgress[]): ReadonlyMap<number, number> {
    this.recordsSince = 0;
    this.#cut = this.now(progress);
    return this.#cut;
  }

  /** Records that wait to be read, of the partitions that went on since the last cut. */
  backlog(progress: readonly PartitionProgress[]): number {
    let records = 0;
    for (const { partition, lag } of progress) {
      const cut = this.#cut.get(partition) ?? -1;
      const hasGoneOn = (this.#dealt.get(partition) ?? -1) > cut;
      if (hasGoneOn && lag !== null) records += lag;
    }
    return records;
  }

  /** What `cut` gives, and the records since the last cut go on to be counted. */
  now(progress: readonly PartitionProgress[]): ReadonlyMap<number, number> {
    const offsets = new Map(this.#dealt);
    for (const { partition, position } of progress) {
      if (position === null) continue;
      const dealt = offsets.get(partition) ?? position;
      offsets.set(partition, Math.max(dealt, position));
    }
    return offsets;
  }
}
