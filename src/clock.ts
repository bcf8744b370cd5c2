import { setImmediate as nextTurn } from "node:timers/promises";

/** Time as a run sees it. It is handed in, so that a simulation can be the clock. */
export interface Clock {
  /** Wall time in ms since the epoch, with a fraction. */
  nowMs(): number;
  /** Calls `work` each time that so many ms have passed; returns what ends that. */
  every(intervalMs: number, work: () => void): () => void;
  /** Lets reports, sockets and timers have their turn. */
  turn(): Promise<void>;
}

/** Wall time in ms since the epoch, with a fraction, comparable over threads. */
export function wallClockMs(): number {
  return performance.timeOrigin + performance.now();
}

/** The clock of the machine. */
export const WALL_CLOCK: Clock = {
  nowMs: wallClockMs,
  every(intervalMs, work) {
    const timer = setInterval(work, intervalMs);
    return () => clearInterval(timer);
  },
  async turn() {
    await nextTurn();
  },
};
