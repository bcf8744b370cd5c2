/**
 * The clocks of partitions as one teller tells them: within one assignment none
 * of them may go back. Holds what was told last.
 */
export class ForwardClocks {
  readonly #teller: string;
  #lastMs: Float64Array = new Float64Array(0);

  /** `teller`: who tells, for the sentence of the error. */
  constructor(teller: string) {
    this.#teller = teller;
  }

  /** Takes what is told now. Throws when the clock of a partition went back. */
  take(clocksMs: Float64Array): void {
    const lastMs = this.#lastMs;
    for (let p = 0; p < lastMs.length; p++) {
      const nowMs = clocksMs[p] ?? -Infinity;
      if (nowMs >= lastMs[p]!) continue;
      throw new Error(
        `Cannot take clocks of ${this.#teller}: that of partition ${p} went ` +
          `back from ${lastMs[p]} to ${nowMs} within one assignment`,
      );
    }
    if (clocksMs.length > lastMs.length) this.#lastMs = clocksMs.slice();
    else lastMs.set(clocksMs);
  }

  /** A new assignment: the clocks of these partitions begin anew. */
  restart(partitions: Iterable<number>): void {
    for (const partition of partitions) {
      if (partition < this.#lastMs.length) this.#lastMs[partition] = -Infinity;
    }
  }
}
