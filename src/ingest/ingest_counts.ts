import type { RejectionReason } from "../window/rejection.ts";

/** What has happened so far. Its owner counts on. */
export class IngestCounts {
  /** Answers by status. */
  readonly answers = new Map<number, number>();
  /** Requests whose client went away before they were all there. */
  gone = 0;
  /** Requests that are being served. */
  inFlightRequests = 0;
  /** Bytes of bodies, as they came. */
  bodyBytes = 0;
  /** Visits that Kafka has acknowledged before their request was answered. */
  accepted = 0;
  /** Visits that may be in the topic or not: their requests were told so. */
  unconfirmed = 0;
  readonly rejectedByReason = new Map<RejectionReason, number>();

  /** Visits that were judged, whatever became of them. */
  judged = 0;

  answered(status: number): void {
    this.answers.set(status, (this.answers.get(status) ?? 0) + 1);
  }

  rejected(reason: RejectionReason): void {
    const count = this.rejectedByReason.get(reason) ?? 0;
    this.rejectedByReason.set(reason, count + 1);
  }

  /** What they come to. */
  totals(): IngestTotals {
    const { accepted, unconfirmed, judged, gone, bodyBytes } = this;
    return {
      requests: sumOf(this.answers) + gone,
      answers: Object.fromEntries(this.answers),
      gone,
      bodyBytes,
      visits: judged,
      accepted,
      rejected: sumOf(this.rejectedByReason),
      rejectedByReason: Object.fromEntries(this.rejectedByReason),
      unconfirmed,
    };
  }
}

/** What has happened so far, as numbers that add up. */
export interface IngestTotals {
  /** All answers, and those who have gone. */
  readonly requests: number;
  readonly answers: Readonly<Record<string, number>>;
  readonly gone: number;
  readonly bodyBytes: number;
  /** Accepted, rejected, unconfirmed, or on their way. */
  readonly visits: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly rejectedByReason: Readonly<Record<string, number>>;
  readonly unconfirmed: number;
}

function sumOf(counts: ReadonlyMap<unknown, number>): number {
  let sum = 0;
  for (const count of counts.values()) sum += count;
  return sum;
}
