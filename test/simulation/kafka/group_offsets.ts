import { KafkaError } from "./kafka_error.ts";
import type { Producer } from "./model_partition.ts";

/** A committed offset. */
export interface ModelOffset {
  readonly offset: number;
  readonly metadata: string;
}

/** The same of a partition. */
export interface PartitionOffset extends ModelOffset {
  readonly partition: number;
}

const METADATA_MAX = 4096;

/** The offsets of a group: those committed, and those of open transactions. */
export class GroupOffsets {
  readonly committed = new Map<number, ModelOffset>();
  /** By producer id. */
  readonly #pending = new Map<number, Map<number, ModelOffset>>();

  /** Holds offsets until the marker of their transaction. */
  hold(producerId: number, offsets: readonly PartitionOffset[]): void {
    const pending = this.#pending.get(producerId) ?? new Map();
    this.#pending.set(producerId, pending);
    let isTooLarge = false;
    for (const { partition, offset, metadata } of offsets) {
      // The others are held all the same.
      if (Buffer.byteLength(metadata) > METADATA_MAX) isTooLarge = true;
      else pending.set(partition, { offset, metadata });
    }
    if (isTooLarge) throw new KafkaError("OFFSET_METADATA_TOO_LARGE");
  }

  /** The marker of a transaction. */
  endTransaction({ producerId }: Producer, isCommit: boolean): void {
    const pending = this.#pending.get(producerId);
    this.#pending.delete(producerId);
    if (pending === undefined || !isCommit) return;
    for (const [partition, offset] of pending) {
      this.committed.set(partition, offset);
    }
  }

  /** True while a transaction may still change the partition's offset. */
  isUnstable(partition: number): boolean {
    return [...this.#pending.values()].some((each) => each.has(partition));
  }

  /** True while any may. */
  get isAnyUnstable(): boolean {
    return [...this.#pending.values()].some((each) => each.size > 0);
  }
}
