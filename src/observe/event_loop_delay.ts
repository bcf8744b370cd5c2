import { createHistogram, performance } from "node:perf_hooks";

/** How often the loop is asked to be on time, ms: each costs a timer. */
const INTERVAL_MS = 20;
const NS_PER_MS = 1e6;

/** How late the event loop was with its timers, ms. */
export interface LoopDelay {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/**
 * Watches the event loop of its thread, from when it is asked first. Node's own
 * `monitorEventLoopDelay` forgets, when it is reset, what holds the loop up then.
 */
export class EventLoopDelay {
  readonly #delays = createHistogram();
  #timer: NodeJS.Timeout | null = null;
  #dueMs = 0;

  /** Since it was asked last; zeros at first. */
  take(): LoopDelay {
    if (this.#timer === null) this.#begin();
    const delays = this.#delays;
    // What has held it up until now may come before its timer.
    this.#record(performance.now());
    const [p50, p99, max] = [
      delays.percentile(50),
      delays.percentile(99),
      delays.max,
    ].map((ns) => ns / NS_PER_MS) as [number, number, number];
    delays.reset();
    return { p50, p99, max };
  }

  /** Watches no more. */
  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  #begin(): void {
    this.#dueMs = performance.now() + INTERVAL_MS;
    this.#timer = setInterval(() => {
      const nowMs = performance.now();
      this.#record(nowMs);
      this.#dueMs = nowMs + INTERVAL_MS;
    }, INTERVAL_MS).unref();
  }

  #record(nowMs: number): void {
    const lateMs = Math.max(0, nowMs - this.#dueMs);
    this.#delays.record(Math.max(1, Math.round(lateMs * NS_PER_MS)));
    this.#dueMs += lateMs;
  }
}
