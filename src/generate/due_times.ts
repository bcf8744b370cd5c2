const MS_PER_SECOND = 1000;

/**
 * An open-loop schedule: record `n` is due `n / rate` seconds after the start,
 * however late the ones before it were sent.
 */
export class DueTimes {
  readonly #ratePerSecond: number;
  readonly #startMs: number;

  constructor(ratePerSecond: number, startMs: number) {
    this.#ratePerSecond = ratePerSecond;
    this.#startMs = startMs;
  }

  /** How many records are due in all at `nowMs`. */
  dueCount(nowMs: number): number {
    const elapsedMs = nowMs - this.#startMs;
    return Math.floor((elapsedMs * this.#ratePerSecond) / MS_PER_SECOND) + 1;
  }

  /** When the record with this number, from 0, is due. */
  dueAtMs(record: number): number {
    return this.#startMs + (record * MS_PER_SECOND) / this.#ratePerSecond;
  }
}
