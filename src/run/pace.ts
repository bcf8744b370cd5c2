import { setImmediate as nextTurn } from "node:timers/promises";

/** Records after which other work of the main thread gets its turn. */
const RECORDS_A_TURN = 1024;

/**
 * Lets the event loop turn while batches come without a wait in between, so
 * that reports, heartbeats and timers stay on time.
 */
export class Pace {
  #lastTurn = 0;

  /** Yields when enough records have been routed since the last time. */
  async yieldAfter(routed: number): Promise<void> {
    if (routed - this.#lastTurn < RECORDS_A_TURN) return;
    this.#lastTurn = routed;
    await nextTurn();
  }
}
