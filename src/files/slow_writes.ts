/** A write that is not taken for so long is worth a word, ms. */
const SLOW_MS = 1_000;

/** Those of this process that are under way: its end is one for all of them. */
const underWay = new Set<OutputWrites>();

/** The writes to one output, and whether they get on. */
export class OutputWrites {
  /** Who must take them, for the end of a sentence. */
  readonly taker: string;
  #count = 0;
  #sinceMs = 0;

  constructor(taker: string) {
    this.taker = taker;
  }

  /** A write has begun. */
  begun(): void {
    if (this.#count++ > 0) return;
    this.#sinceMs = performance.now();
    underWay.add(this);
  }

  /** A write is over, however it ended. */
  ended(): void {
    this.#sinceMs = performance.now();
    if (--this.#count === 0) underWay.delete(this);
  }

  /** True when some are under way, and none has ended for a second. */
  get areSlow(): boolean {
    return this.#count > 0 && performance.now() - this.#sinceMs >= SLOW_MS;
  }
}

/** Whom this process waits for because they take no writes; null: nobody. */
export function slowTakers(): string | null {
  const slow = [...underWay].filter(({ areSlow }) => areSlow);
  const takers = new Set(slow.map(({ taker }) => taker));
  return takers.size === 0 ? null : [...takers].join(" and ");
}
