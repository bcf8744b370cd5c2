import { wallClockMs } from "../clock.ts";
import { DueTimes } from "../generate/due_times.ts";
import type { RecordOwner } from "../kafka/keyed_writer.ts";
import { LatencyHistogram } from "../observe/latency.ts";
import type { Arrival } from "./session_arrival.ts";

/** The latencies of a rate by the names of their files. */
export interface LoadLatencies {
  readonly send: LatencyHistogram;
  readonly acknowledge: LatencyHistogram;
  readonly close: LatencyHistogram;
  readonly read: LatencyHistogram;
}

/** Counts the latencies of one rate, from when visits were due. */
export class RateMeter {
  readonly latencies: LoadLatencies = {
    send: new LatencyHistogram(),
    acknowledge: new LatencyHistogram(),
    close: new LatencyHistogram(),
    read: new LatencyHistogram(),
  };
  readonly dueTimes: DueTimes;
  readonly startMs: number;
  /** Wall clock, ms: visits that were due before do not count. */
  readonly measuredFromMs: number;
  /** Visits that the topic has, and when the last of them were sent. */
  acknowledged = 0;
  lastSentAtMs: number;
  /** Sessions closed by visits of the warm-up. */
  warmUpSessions = 0;
  /** Sessions that bear a time before the visit was due that closed them. */
  negatives = 0;

  /** `startMs`: wall clock, when the first visit is due. */
  constructor(
    rate: number,
    { startMs, warmUpMs }: { startMs: number; warmUpMs: number },
  ) {
    this.dueTimes = new DueTimes(rate, startMs);
    this.startMs = startMs;
    this.measuredFromMs = startMs + warmUpMs;
    this.lastSentAtMs = startMs;
  }

  /** True when a visit counts. */
  get hasMeasured(): boolean {
    return this.latencies.send.count > 0;
  }

  /** What hears of visits that are due one after the other, from `first` on. */
  visits(first: number, count: number): RecordOwner {
    let sentAtMs = Number.NaN;
    return {
      partitionsLeft: 0,
      // The last partition counts: what was due together was sent by then.
      sent: () => {
        sentAtMs = wallClockMs();
        this.lastSentAtMs = sentAtMs;
      },
      acknowledged: () => this.#take(first, count, sentAtMs),
      // Whoever writes is told.
      failed: () => {},
    };
  }

  /** Takes in a session that came, and when the visit was due that closed it. */
  session(dueMs: number, { stampedAtMs, readAtMs }: Arrival): void {
    // One of the rate before, which is over.
    if (dueMs < this.startMs) return;
    if (dueMs < this.measuredFromMs) {
      this.warmUpSessions++;
      return;
    }
    // Stamps have no fraction of a millisecond.
    if (stampedAtMs < Math.floor(dueMs)) this.negatives++;
    this.latencies.close.record(stampedAtMs - dueMs);
    this.latencies.read.record(readAtMs - dueMs);
  }

  #take(first: number, count: number, sentAtMs: number): void {
    const acknowledgedAtMs = wallClockMs();
    const { send, acknowledge } = this.latencies;
    this.acknowledged += count;
    for (let visit = first; visit < first + count; visit++) {
      const dueMs = this.dueTimes.dueAtMs(visit);
      if (dueMs < this.measuredFromMs) continue;
      send.record(sentAtMs - dueMs);
      acknowledge.record(acknowledgedAtMs - dueMs);
    }
  }
}
