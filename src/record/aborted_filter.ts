/** A transaction that was rolled back, as a fetch response names it. */
export interface AbortedTransaction {
  readonly producerId: number;
  /** Offset of its first record in the partition. */
  readonly firstOffset: number;
}

/** The header fields of a record batch that decide whether it is visible. */
export interface TransactionalBatch {
  readonly producerId: number;
  readonly lastOffset: number;
  readonly isTransactional: boolean;
  readonly isControl: boolean;
}

/**
 * Tells the committed batches of one fetch response from the others, as
 * `read_committed` asks. Shown the batches of one partition in offset order.
 */
export class AbortedFilter {
  readonly #waiting: AbortedTransaction[];
  readonly #openProducers = new Set<number>();

  constructor(aborted: readonly AbortedTransaction[]) {
    // The broker lists them by their ends, which is another order as soon as
    // two transactions interleave. Reversed, so that the next one is popped.
    this.#waiting = [...aborted].sort((a, b) => b.firstOffset - a.firstOffset);
  }

  /** True when the records of the batch are to be seen by a reader. */
  isVisible(batch: TransactionalBatch): boolean {
    this.#enterUpTo(batch.lastOffset);
    if (batch.isControl) {
      // A marker ends its producer's transaction, and is nobody's record.
      this.#openProducers.delete(batch.producerId);
      return false;
    }
    if (!batch.isTransactional) return true;
    return !this.#openProducers.has(batch.producerId);
  }

  /** Several transactions may have begun since the last batch: enter all. */
  #enterUpTo(offset: number): void {
    for (;;) {
      const next = this.#waiting.at(-1);
      if (next === undefined || next.firstOffset > offset) return;
      this.#openProducers.add(next.producerId);
      this.#waiting.pop();
    }
  }
}
