import { monitorEventLoopDelay } from "node:perf_hooks";

/** How often the loop is asked to be on time, ms: each costs a timer. */
const RESOLUTION_MS = 20;
const NS_PER_MS = 1e6;

/** How late the event loop was with its timers, ms. */
export interface LoopDelay {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Watches the event loop of its thread, from when it is asked first. */
export class EventLoopDelay {
  #histogram: ReturnType<typeof monitorEventLoopDelay> | null = null;

  /** Since it was asked last; zeros at first. */
  take(): LoopDelay {
    if (this.#histogram === null) {
      this.#histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
      this.#histogram.enable();
    }
    const histogram = this.#histogram;
    const delay =
      histogram.count === 0
        ? { p50: 0, p99: 0, max: 0 }
        : {
            p50: lateMs(histogram.percentile(50)),
            p99: lateMs(histogram.percentile(99)),
            max: lateMs(histogram.max),
          };
    histogram.reset();
    return delay;
  }

  /** Watches no more. */
  stop(): void {
    this.#histogram?.disable();
  }
}

/** Node counts from timer to timer: what is above their distance is late. */
function lateMs(ns: number): number {
  return Math.max(0, ns / NS_PER_MS - RESOLUTION_MS);
}
