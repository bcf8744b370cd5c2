import type { Clock } from "../clock.ts";

/** Work of the main thread after which reports, sockets and timers follow, ms. */
const TURN_MS = 2;

/**
 * Lets the event loop turn while events come without a wait in between, so that
 * reports, heartbeats and timers stay on time.
 */
export class Pace {
  readonly #clock: Clock;
  #lastTurnMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#lastTurnMs = clock.nowMs();
  }

  /** True when the last turn is some while ago. */
  get isOver(): boolean {
    return this.#clock.nowMs() - this.#lastTurnMs >= TURN_MS;
  }

  /** Lets the event loop turn. */
  async turn(): Promise<void> {
    await this.#clock.turn();
    this.#lastTurnMs = this.#clock.nowMs();
  }
}
