// Longer than the farthest that a visitor is ever scheduled ahead.
const SLOTS = 1024;
const SLOT_MASK = SLOTS - 1;
const NOBODY = -1;

/** How far ahead of the clock a visitor may be scheduled, in seconds. */
export const SCHEDULE_AHEAD_MAX_SECONDS = SLOTS - 1;

/**
 * Which visitor sends a visit next: a ring of one-second slots, each with the
 * chain of the visitors that are due in it. Every visitor is in one chain.
 */
export class VisitorClock {
  /** Seconds since the start of the stream, as visits arrive. */
  nowSeconds = 0;
  readonly #heads = new Int32Array(SLOTS).fill(NOBODY);
  readonly #nexts: Int32Array;

  constructor(visitorCount: number) {
    this.#nexts = new Int32Array(visitorCount).fill(NOBODY);
  }

  /** Lets a visitor send at a second that is not before `nowSeconds`. */
  schedule(visitor: number, atSeconds: number): void {
    const ahead = atSeconds - this.nowSeconds;
    if (ahead < 0 || ahead > SCHEDULE_AHEAD_MAX_SECONDS) {
      throw new RangeError(
        `Cannot schedule visitor: ${ahead} s ahead, expected 0 to ${SCHEDULE_AHEAD_MAX_SECONDS}`,
      );
    }
    const slot = atSeconds & SLOT_MASK;
    this.#nexts[visitor] = this.#heads[slot]!;
    this.#heads[slot] = visitor;
  }

  /** Takes out the next visitor, moving the clock to its second. */
  take(): number {
    for (let ahead = 0; ahead < SLOTS; ahead++) {
      const slot = (this.nowSeconds + ahead) & SLOT_MASK;
      const visitor = this.#heads[slot]!;
      if (visitor !== NOBODY) {
        this.nowSeconds += ahead;
        this.#heads[slot] = this.#nexts[visitor]!;
        return visitor;
      }
    }
    throw new RangeError("Cannot take visitor: nobody is scheduled");
  }
}
