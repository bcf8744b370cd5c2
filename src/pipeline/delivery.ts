import type { Clock } from "../clock.ts";
import type { InFlightTask } from "../fleet/shard_link.ts";
import type { ReportedSide, ShardReport } from "../fleet/shard_report.ts";
import {
  RateLimitedWarning,
  type WarningLog,
} from "../observe/rate_limited_warning.ts";
import { SIDE_LATE, SIDE_OVERSIZED } from "../shard/side_records.ts";
import type { SideRecord } from "../sink/sink.ts";
import { rejectionReason } from "../window/rejection.ts";
import type { Outputs } from "./outputs.ts";
import type { RunMeters } from "./run_meters.ts";

const LF = 0x0a;
const OVERSIZED_REASON = "session_too_large";

/**
 * Fetch time of the record that made the tasks close sessions: the one behind
 * the watermark they brought, else (a late visit) their own first one.
 */
function closingCauseMs(applied: readonly InFlightTask[]): number | null {
  const first = applied[0];
  if (first === undefined) return null;
  return first.watermarkCauseMs ?? first.runs[0]?.fetchedAtMs ?? null;
}

function isOversized({ reason }: SideRecord): boolean {
  return reason === OVERSIZED_REASON;
}

/** Takes what the shards report to the outputs, and counts it. */
export class Delivery {
  readonly #outputs: Outputs;
  readonly #meters: RunMeters;
  readonly #topic: string;
  readonly #clock: Clock;
  readonly #warning: RateLimitedWarning;
  /** By shard: what caused the first closing whose session it still holds. */
  readonly #heldCausesMs = new Map<number, number>();

  constructor(
    outputs: Outputs,
    meters: RunMeters,
    options: { topic: string; log: WarningLog; clock: Clock },
  ) {
    this.#outputs = outputs;
    this.#meters = meters;
    const { topic, log, clock } = options;
    this.#topic = topic;
    this.#clock = clock;
    this.#warning = new RateLimitedWarning(log, {
      nowMs: () => clock.nowMs(),
    });
  }

  /** Resolves when all that the report holds is acknowledged. */
  async deliver(
    report: ShardReport,
    applied: readonly InFlightTask[],
  ): Promise<void> {
    const reportedAtMs = this.#clock.nowMs();
    this.#meters.applied(report, applied);
    const causeMs = this.#closingCauseMs(report, applied);
    const { sessions, late, deadLetters } = this.#outputs;
    const writes: Promise<void>[] = [];
    const chunks = report.chunks();
    if (chunks.length > 0) writes.push(sessions.write(chunks));
    const lateVisits: SideRecord[] = [];
    const rejected: SideRecord[] = [];
    for (const side of report.sides()) {
      const record = this.#sideRecord(side);
      (side.code === SIDE_LATE ? lateVisits : rejected).push(record);
    }
    if (late !== null && lateVisits.length > 0) {
      writes.push(late.write(lateVisits));
    }
    if (rejected.length > 0) {
      if (deadLetters === null) this.#warn(rejected);
      else writes.push(deadLetters.write(rejected));
    }
    const oversized = rejected.filter(isOversized).length;
    const isKept = deadLetters !== null;
    const written = chunks.reduce((sum, { count }) => sum + count, 0);
    if (writes.length > 0) await Promise.all(writes);
    this.#meters.settled({
      written,
      oversized: isKept ? oversized : 0,
      notWritten: isKept ? 0 : oversized,
    });
    if (chunks.length === 0) return;
    this.#meters.closed(report.envelope, causeMs, reportedAtMs);
  }

  /** The cause of what a report puts out, which may have waited for it. */
  #closingCauseMs(
    { shard, holdsOutput }: ShardReport,
    applied: readonly InFlightTask[],
  ): number | null {
    const causeMs = this.#heldCausesMs.get(shard) ?? closingCauseMs(applied);
    if (!holdsOutput) this.#heldCausesMs.delete(shard);
    else if (causeMs !== null) this.#heldCausesMs.set(shard, causeMs);
    return causeMs;
  }

  #warn(rejected: readonly SideRecord[]): void {
    this.#warning.hold(rejected.length - 1);
    const { reason, topic, partition, offset } = rejected.at(-1)!;
    this.#warning.warn(
      `rejected a record for ${reason}, --dead-letter-to keeps such records`,
      { topic, partition, offset },
    );
  }

  /** Says what warnings were held back. */
  finish(): void {
    this.#warning.flush();
  }

  #sideRecord(side: ReportedSide): SideRecord {
    const { partition, offset, key, value } = side;
    const origin = { topic: this.#topic, partition, offset, key };
    if (side.code === SIDE_LATE) return { ...origin, reason: "late", value };
    if (side.code !== SIDE_OVERSIZED) {
      return { ...origin, reason: rejectionReason(side.code), value };
    }
    // The shard put the session's metadata in front, as one line.
    const bytes = Buffer.from(value!);
    const end = bytes.indexOf(LF);
    const headers: Record<string, string> = JSON.parse(
      bytes.toString("latin1", 0, end),
    );
    const [idPartition, idOffset] = headers["session-id"]!.split("-");
    return {
      topic: this.#topic,
      partition: Number(idPartition),
      offset: Number(idOffset),
      key,
      value: bytes.subarray(end + 1),
      reason: OVERSIZED_REASON,
      headers,
    };
  }
}
