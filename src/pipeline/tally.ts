import {
  REJECTION_REASONS,
  type RejectionReason,
} from "../window/rejection.ts";
import { CLOSE_REASONS, type CloseReason } from "../window/window_store.ts";
import {
  COUNTERS,
  type CounterName,
  closedFor,
  counterIndex,
  counterOf,
  type GaugeName,
  gaugeIndex,
  rejectedFor,
} from "../wire/counters.ts";
import type { Report } from "../wire/generated/report.ts";

/** Sums up what the shards report, and checks that nothing was lost. */
export class Tally {
  readonly #counts = new Float64Array(COUNTERS.length);
  /** By shard: what it holds, as its last report said. */
  readonly #gauges: Float64Array[] = [];
  /** By shard: records that it has applied, since the start. */
  readonly #applied: number[] = [];

  /** Adds a shard's report. */
  add(shard: number, report: Report): void {
    const counts = this.#counts;
    for (let i = 0; i < counts.length; i++) counts[i]! += report.counters(i)!;
    this.#gauges[shard] = report.gaugesArray()!.slice();
    this.#applied[shard] = this.applied(shard) + counterOf(report, "visits");
  }

  /**
   * The shards are no more: of the `routed` visits those that have come to
   * nothing are dropped, open windows too.
   */
  abandon(routed: number): void {
    const counts = this.#counts;
    counts[counterIndex("visits")] = routed;
    const settled =
      this.count("visitsInSessions") +
      this.count("late") +
      this.count("rejected");
    counts[counterIndex("droppedVisits")] =
      routed + this.count("restoredVisits") - settled;
    this.#gauges.length = 0;
  }

  /** A counter, of all shards since the start. */
  count(name: CounterName): number {
    return this.#counts[counterIndex(name)]!;
  }

  /** A gauge, of all shards together. */
  gauge(name: GaugeName): number {
    const index = gaugeIndex(name);
    return this.#gauges.reduce((sum, gauges) => sum + gauges[index]!, 0);
  }

  /** A gauge of one shard; 0 before its first report. */
  gaugeOf(shard: number, name: GaugeName): number {
    return this.#gauges[shard]?.[gaugeIndex(name)] ?? 0;
  }

  /** Records that a shard has applied. */
  applied(shard: number): number {
    return this.#applied[shard] ?? 0;
  }

  /** Number of rejected records by reason; reasons without any are left out. */
  get rejectedByReason(): Partial<Record<RejectionReason, number>> {
    const byReason: Partial<Record<RejectionReason, number>> = {};
    for (const reason of REJECTION_REASONS) {
      const count = this.count(rejectedFor(reason));
      if (count > 0) byReason[reason] = count;
    }
    return byReason;
  }

  /** Number of firings by their reason; reasons without any are left out. */
  get closedByReason(): Partial<Record<CloseReason, number>> {
    const byReason: Partial<Record<CloseReason, number>> = {};
    for (const reason of CLOSE_REASONS) {
      const count = this.count(closedFor(reason));
      if (count > 0) byReason[reason] = count;
    }
    return byReason;
  }

  /**
   * Checks, when the shards are quiet, that each of the `routed` visits, and of
   * those that came back with restored windows, is accounted for, and that each
   * firing had a reason. Throws when one was lost or counted twice.
   */
  assertConservation(routed: number): void {
    this.#assertReasons();
    const visits = this.count("visits");
    const inSessions = this.count("visitsInSessions");
    const inWindows = this.gauge("unfiredVisits");
    const late = this.count("late");
    const rejected = this.count("rejected");
    const dropped = this.count("droppedVisits");
    const restored = this.count("restoredVisits");
    const accounted = inSessions + inWindows + late + rejected + dropped;
    if (visits === routed && accounted === routed + restored) return;
    throw new Error(
      `Cannot account for all visits: ${routed} routed, ${visits} applied, ` +
        `${restored} restored, ` +
        `${inSessions} in sessions, ${inWindows} in open windows, ` +
        `${late} late, ${rejected} rejected, ${dropped} dropped`,
    );
  }
  #assertReasons(): void {
    const sessions = this.count("sessions");
    const counts = Object.values(this.closedByReason);
    const closed = counts.reduce((sum, count) => sum + count, 0);
    if (closed === sessions) return;
    throw new Error(
      `Cannot account for all sessions: ${sessions} were put out, but reasons ` +
        `were counted for ${closed}`,
    );
  }
}
