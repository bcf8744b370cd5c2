import { setImmediate as nextTurn } from "node:timers/promises";

/** Work of the main thread after which reports, sockets and timers follow, ms. */
const TURN_MS = 2;

/**
 * Lets the event loop turn while events come without a wait in between, so that
 * reports, heartbeats and timers stay on time.
 */
export class Pace {
  #lastTurnMs = performance.now();

  /** True when the last turn is some while ago. */
  get isOver(): boolean {
    return performance.now() - this.#lastTurnMs >= TURN_MS;
  }

  /** Lets the event loop turn. */
  async turn(): Promise<void> {
    await nextTurn();
    this.#lastTurnMs = performance.now();
  }
}
