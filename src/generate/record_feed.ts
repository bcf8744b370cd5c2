import { setTimeout as sleep } from "node:timers/promises";
import { wallClockMs } from "../clock.ts";
import { DueTimes } from "./due_times.ts";
import type { RecordFrame } from "./record_frame.ts";
import type { VisitGenerator } from "./visit_generator.ts";

/** How much a feed takes from its generator, and how fast. */
export interface FeedLimits {
  /** The feed ends when the generator has made so many; null for no end. */
  readonly visits: number | null;
  /** Records a second, null for as many as possible. */
  readonly ratePerSecond: number | null;
}

/** Fills frames from a generator, each record when it is due. */
export class RecordFeed {
  readonly #generator: VisitGenerator;
  readonly #visits: number;
  readonly #dueTimes: DueTimes | null;
  /** When the first record is due: wall clock, ms. */
  readonly startMs: number = wallClockMs();
  readonly #firstRecord: number;
  readonly #signal: AbortSignal;
  #isWaiting = false;

  /** The schedule begins now. An abort of `signal` ends the feed. */
  constructor(
    generator: VisitGenerator,
    options: FeedLimits & { readonly signal: AbortSignal },
  ) {
    const { visits, ratePerSecond, signal } = options;
    this.#generator = generator;
    this.#visits = visits ?? Number.POSITIVE_INFINITY;
    this.#dueTimes =
      ratePerSecond === null ? null : new DueTimes(ratePerSecond, this.startMs);
    this.#firstRecord = generator.counts.records;
    this.#signal = signal;
  }

  /** True while all that is due has been taken. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** Fills the frame anew, waiting for the first record; false at the end. */
  async fill(frame: RecordFrame): Promise<boolean> {
    frame.clear();
    let records = Number.POSITIVE_INFINITY;
    if (this.#generator.isDone(this.#visits)) return false;
    frame.dueAtMs = wallClockMs();
    if (this.#dueTimes !== null) {
      const sent = this.#generator.counts.records - this.#firstRecord;
      frame.dueAtMs = this.#dueTimes.dueAtMs(sent);
      await this.#waitUntil(frame.dueAtMs);
      records = this.#dueTimes.dueCount(wallClockMs()) - sent;
    }
    if (this.#signal.aborted) return false;
    this.#generator.fill(frame, { visits: this.#visits, records });
    return true;
  }

  async #waitUntil(dueAtMs: number): Promise<void> {
    this.#isWaiting = true;
    // Timers fire up to a millisecond early.
    for (let ms = 1; ms > 0 && !this.#signal.aborted; ) {
      ms = dueAtMs - wallClockMs();
      if (ms > 0) await pause(ms, this.#signal);
    }
    this.#isWaiting = false;
  }
}

/** Sleeps; an abort ends it early, without an error. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
