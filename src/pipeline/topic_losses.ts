import type { Tally } from "./tally.ts";

/**
 * Counts the visits that go with a topic that was deleted, while another topic of
 * its name takes its place: in windows that were open here, and in those that
 * came back from what was committed of it.
 */
export class TopicLosses {
  readonly #tally: Pick<Tally, "count">;
  readonly #droppedBefore: number;
  readonly #restoredBefore: number;
  /** Visits that had come back when all was cleared; null: nothing is lost. */
  #restored: number | null = null;

  constructor(tally: Pick<Tally, "count">) {
    this.#tally = tally;
    this.#droppedBefore = tally.count("droppedVisits");
    this.#restoredBefore = tally.count("restoredVisits");
  }

  /** What has come back so far is of the topic that was deleted. */
  note(): void {
    this.#restored ??=
      this.#tally.count("restoredVisits") - this.#restoredBefore;
  }

  /** True when there was such a topic. */
  get areThere(): boolean {
    return this.#restored !== null;
  }

  /** Visits that are lost, as far as the shards have told; 0 for none. */
  get visits(): number {
    if (this.#restored === null) return 0;
    const restored = this.#restored;
    const dropped = this.#tally.count("droppedVisits") - this.#droppedBefore;
    const restoredInAll =
      this.#tally.count("restoredVisits") - this.#restoredBefore;
    // What was committed of the open ones came back, and went once more.
    const open = dropped - restored;
    return Math.max(open, restored) - (restoredInAll - restored);
  }
}
