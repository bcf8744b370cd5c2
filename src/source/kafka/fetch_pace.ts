/** Requests for what is new are sent no more often than this, ms. */
const MIN_INTERVAL_MS = 3;
/** Waits below this are not worth a timer, ms. */
const SHORTEST_WAIT_MS = 0.3;

/**
 * Spaces out the requests to a broker that has nothing waiting for us. Each one
 * costs broker and processor some 0.2 ms, however few records come: asked again
 * with every answer, a stream of some ten thousand visits a second would cost
 * both of them most of a core, and visits would wait for the CPU instead. Who
 * was not asked for that long is asked at once, so thin traffic waits for nothing.
 *
 * Times are `wallClockMs()`.
 */
export class FetchPace {
  #sentAtMs = Number.NEGATIVE_INFINITY;

  /** Notes that a request was sent. */
  noteRequest(nowMs: number): void {
    this.#sentAtMs = nowMs;
  }

  /** How long a request should wait, ms; 0 for not at all. */
  waitMs(nowMs: number): number {
    const leftMs = this.#sentAtMs + MIN_INTERVAL_MS - nowMs;
    return leftMs < SHORTEST_WAIT_MS ? 0 : leftMs;
  }
}
