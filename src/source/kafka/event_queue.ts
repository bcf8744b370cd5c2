import type { SourceEvent } from "../source.ts";
import type { PartitionPosition } from "./partition_position.ts";
import { Signal } from "./signal.ts";

interface Entry {
  readonly event: SourceEvent;
  /** Of the records' partition; null for other events. */
  readonly position: PartitionPosition | null;
  /** The offset after the records. */
  readonly nextOffset: number;
  /** Positions that the event tells of for the first time. */
  readonly announced: readonly PartitionPosition[];
}

/** Events between the fetch loop and the pipeline, in order. */
export class EventQueue {
  #entries: Entry[] = [];
  readonly #arrival = new Signal();

  /** True when there is no event now. */
  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  /** Appends records that were read of `position`, up to `nextOffset`. */
  pushRecords(
    event: SourceEvent,
    position: PartitionPosition,
    nextOffset: number,
  ): void {
    position.unreadChunks++;
    this.#push({ event, position, nextOffset, announced: [] });
  }

  /** Appends any other event, with the positions that are new in it. */
  push(event: SourceEvent, announced: readonly PartitionPosition[] = []): void {
    this.#push({ event, position: null, nextOffset: -1, announced });
  }

  /** Wakes `arrival` without an event: something else has changed. */
  wake(): void {
    this.#arrival.set();
  }

  /** Takes the next event; undefined when there is none now. */
  shift(): Entry | undefined {
    return this.#entries.shift();
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

  /** Throws away all events. */
  clear(): void {
    for (const entry of this.#entries.splice(0)) release(entry);
  }

  #push(entry: Entry): void {
    this.#entries.push(entry);
    this.#arrival.set();
  }
}

function release({ event }: Entry): void {
  if (event.kind === "records") event.chunk.release();
}
