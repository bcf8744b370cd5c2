import type { SourceEvent, WantedPartition } from "../source.ts";
import type { PartitionPosition } from "./partition_position.ts";
import { ReadingOrder } from "./reading_order.ts";
import { Signal } from "./signal.ts";

type Records = Extract<SourceEvent, { kind: "records" }>;
type Assigned = Extract<SourceEvent, { kind: "assigned" }>;

interface Entry {
  readonly event: SourceEvent;
  /** Of the partition that the event is of; null where it is of all. */
  readonly position: PartitionPosition | null;
  /** The offset after the records. */
  readonly nextOffset: number;
  /** Positions that the event tells of for the first time. */
  readonly announced: readonly PartitionPosition[];
}

/**
 * Events between the fetch loop and the pipeline, in order: all of them, or,
 * when partitions are read in turn, of the one whose turn it is.
 */
export class EventQueue {
  #entries: Entry[] = [];
  readonly #arrival = new Signal();
  /** Whose turn it is. */
  readonly order = new ReadingOrder();

  /** True when there is no event now. */
  get isEmpty(): boolean {
    return this.#nextIndex() < 0;
  }

  /** True when there is none either that waits for the turn of its partition. */
  get isDrained(): boolean {
    return this.#entries.length === 0;
  }

  /** Appends records that were read of `position`, up to `nextOffset`. */
  pushRecords(
    event: Records,
    position: PartitionPosition,
    nextOffset: number,
  ): void {
    position.unreadChunks++;
    const { byteLength, count } = event.chunk;
    position.queuedBytes += byteLength;
    position.queuedRecords += count;
    if (count > 0) position.recordBytes = byteLength / count;
    this.#push({ event, position, nextOffset, announced: [] });
  }

  /** Appends that `position` has come to the end of its bounded run. */
  pushFinished(position: PartitionPosition): void {
    const { partition } = position;
    const event = { kind: "finished", partition } as const;
    this.#push({ event, position, nextOffset: -1, announced: [] });
  }

  /** Appends any other event, with the positions that are new in it. */
  push(event: SourceEvent, announced: readonly PartitionPosition[] = []): void {
    this.#push({ event, position: null, nextOffset: -1, announced });
  }

  /** From here on the partitions have their turns in this order. */
  prefer(wanted: readonly WantedPartition[]): void {
    this.order.set(wanted);
    this.wake();
  }

  /** Wakes `arrival` without an event: something else has changed. */
  wake(): void {
    this.#arrival.set();
  }

  /** Takes the next event to tell; undefined when there is none now. */
  shift(): Entry | undefined {
    const index = this.#nextIndex();
    this.order.isAwaited = index < 0;
    const [entry] = index < 0 ? [] : this.#entries.splice(index, 1);
    for (const each of entry?.announced ?? []) each.isAnnounced = true;
    if (entry?.event.kind === "records") {
      entry.position!.queuedBytes -= entry.event.chunk.byteLength;
      entry.position!.queuedRecords -= entry.event.chunk.count;
    }
    return entry;
  }

  /** The event was dealt with: the pipeline asks past it. */
  passed({ event, position, nextOffset }: Entry): void {
    if (event.kind !== "records" || position === null) return;
    position.unreadChunks--;
    position.takenOffset = nextOffset;
  }

  /** Resolves when something may have arrived. */
  arrival(): Promise<void> {
    return this.#arrival.wait();
  }

  /**
   * Throws away the events of positions that are not kept. What a flush is to
   * emit stays in any case: nobody can read it again.
   */
  dropUnless(isKept: (position: PartitionPosition) => boolean): void {
    const flush = this.#entries.findLastIndex(
      ({ event }) => event.kind === "flush",
    );
    this.#entries = this.#entries.filter((entry, index) => {
      const { position } = entry;
      if (index < flush || position === null || isKept(position)) return true;
      release(entry);
      return false;
    });
  }

  /** Takes out the assignments that nobody has heard of, in order. */
  takeAssigned(): Assigned[] {
    const taken: Assigned[] = [];
    this.#entries = this.#entries.filter(({ event }) => {
      if (event.kind === "assigned") taken.push(event);
      return event.kind !== "assigned";
    });
    return taken;
  }

  /** Throws away all events. */
  clear(): void {
    for (const entry of this.#entries.splice(0)) release(entry);
  }

  /** Where the next event is; -1 when there is none. */
  #nextIndex(): number {
    const { isSet, turn } = this.order;
    if (!isSet) return this.#entries.length > 0 ? 0 : -1;
    return this.#entries.findIndex(
      ({ position }) => position === null || position.partition === turn,
    );
  }

  #push(entry: Entry): void {
    this.#entries.push(entry);
    this.#arrival.set();
  }
}

function release({ event }: Entry): void {
  if (event.kind === "records") event.chunk.release();
}
