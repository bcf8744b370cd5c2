import {
  REJECTION_REASONS,
  type RejectionReason,
} from "../window/rejection.ts";
import type { Report } from "../wire/generated/report.ts";

/** What a shard holds, as its last report said. */
interface ShardGauges {
  readonly openSessions: number;
  readonly unfiredVisits: number;
  readonly bytesHeld: number;
}

/** Sums up what the shards report, and checks that nothing was lost. */
export class Tally {
  visits = 0;
  late = 0;
  rejected = 0;
  sessions = 0;
  /** Visits that were part of a firing, each counted once. */
  visitsInSessions = 0;
  /** Visits of windows that went with a revoked partition. */
  droppedVisits = 0;
  oversized = 0;
  readonly #rejectedByCode = new Float64Array(REJECTION_REASONS.length + 1);
  readonly #gauges: ShardGauges[] = [];

  /** Adds a shard's report. */
  add(shard: number, report: Report): void {
    this.visits += report.visits();
    this.late += report.late();
    this.rejected += report.rejected();
    this.sessions += report.sessions();
    this.visitsInSessions += report.visitsInSessions();
    this.droppedVisits += report.droppedVisits();
    this.oversized += report.oversized();
    for (let code = 0; code < report.rejectedByCodeLength(); code++) {
      this.#rejectedByCode[code]! += report.rejectedByCode(code)!;
    }
    this.#gauges[shard] = {
      openSessions: report.openSessions(),
      unfiredVisits: report.unfiredVisits(),
      bytesHeld: report.bytesHeld(),
    };
  }

  /** Sessions whose windows are not gone. */
  get openSessions(): number {
    return this.#gauges.reduce((sum, shard) => sum + shard.openSessions, 0);
  }

  /** Visits in open windows that no firing has held yet. */
  get visitsInOpenWindows(): number {
    return this.#gauges.reduce((sum, shard) => sum + shard.unfiredVisits, 0);
  }

  /** Bytes of memory that the shards hold windows in. */
  get bytesHeld(): number {
    return this.#gauges.reduce((sum, shard) => sum + shard.bytesHeld, 0);
  }

  /** Number of rejected records by reason; reasons without any are left out. */
  get rejectedByReason(): Partial<Record<RejectionReason, number>> {
    const byReason: Partial<Record<RejectionReason, number>> = {};
    REJECTION_REASONS.forEach((reason, index) => {
      const count = this.#rejectedByCode[index + 1]!;
      if (count > 0) byReason[reason] = count;
    });
    return byReason;
  }

  /**
   * Checks, when the shards are quiet, that each of the `routed` visits is
   * accounted for. Throws when one was lost or counted twice.
   */
  assertConservation(routed: number): void {
    const accounted =
      this.visitsInSessions +
      this.visitsInOpenWindows +
      this.late +
      this.rejected +
      this.droppedVisits;
    if (this.visits === routed && accounted === routed) return;
    throw new Error(
      `Cannot account for all visits: ${routed} routed, ${this.visits} ` +
        `applied, ${this.visitsInSessions} in sessions, ` +
        `${this.visitsInOpenWindows} in open windows, ${this.late} late, ` +
        `${this.rejected} rejected, ${this.droppedVisits} dropped`,
    );
  }
}
