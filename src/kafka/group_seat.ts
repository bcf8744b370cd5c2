/**
 * Who commits for a group: the member as it was when its assignment was made.
 * Brokers refuse the commits of a seat that has been taken or has ended.
 */
export interface GroupSeat {
  readonly memberId: string;
  readonly generationId: number;
  /** Name of a static member, `group.instance.id`; null for a dynamic one. */
  readonly groupInstanceId: string | null;
}

/** The seat that this process has in its group, over all its lives. */
export class OwnSeat {
  /** The seat as it is now; null before the first, and while one is taken. */
  now: GroupSeat | null;
  /** When it last joined under no id, by a monotonic clock, ms. */
  #takenAtMs = Number.NEGATIVE_INFINITY;
  /** When it has taken the seat back, by the same clock, ms; null: it has not. */
  #takenBackAtMs: number | null = null;

  constructor(now: GroupSeat | null = null) {
    this.now = now;
  }

  /** It joins under no id: so it takes its name's seat, and gets a new id. */
  take(nowMs: number): void {
    this.now = null;
    this.#takenAtMs = nowMs;
  }

  /**
   * Gives up a seat that another member has got under the same name, if this
   * process may take it back, and returns whether it may: that other member can
   * be one that was killed, or this process itself before its connection broke,
   * whose request to join came to the broker only after ours. That is so for no
   * longer than `withinMs` after we took the seat. True once only: who takes it
   * once more is alive, and the two would never end.
   */
  tryTakeBack(nowMs: number, withinMs: number): boolean {
    if (this.#takenBackAtMs !== null) return false;
    if (nowMs - this.#takenAtMs > withinMs) return false;
    this.#takenBackAtMs = nowMs;
    this.now = null;
    return true;
  }

  /**
   * True when it has taken the seat back in the last `ms`: until the other is
   * gone, the two end each other's transactions.
   */
  wasTakenBackWithin(nowMs: number, ms: number): boolean {
    return this.#takenBackAtMs !== null && nowMs - this.#takenBackAtMs <= ms;
  }
}
