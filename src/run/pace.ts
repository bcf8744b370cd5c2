import { setImmediate as nextTurn } from "node:timers/promises";

/** Work of the main thread after which reports, sockets and timers follow, ms. */
const TURN_MS = 2;

/**
 * Lets the event loop turn while events come without a wait in between, so that
 * reports, heartbeats and timers stay on time.
 */
export class Pace {
  #lastTurnMs = performance.now();

  /** Yields when the last time is some while ago. */
  async keep(): Promise<void> {
    if (performance.now() - this.#lastTurnMs < TURN_MS) return;
    await nextTurn();
    this.#lastTurnMs = performance.now();
  }
}
