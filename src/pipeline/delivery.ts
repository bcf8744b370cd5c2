import type { Clock } from "../clock.ts";
import type { ReportedTasks } from "../fleet/dispatcher_parts.ts";
import { fetchedAtMs, type InFlightTask } from "../fleet/shard_link.ts";
import type { ReportedSide, ShardReport } from "../fleet/shard_report.ts";
import {
  RateLimitedWarning,
  type WarningLog,
} from "../observe/rate_limited_warning.ts";
import { SIDE_LATE, SIDE_OVERSIZED } from "../shard/side_records.ts";
import type { SideRecord } from "../sink/sink.ts";
import type { Source } from "../source/source.ts";
import { rejectionReason } from "../window/rejection.ts";
import { counterOf } from "../wire/counters.ts";
import type { SessionChunk } from "../wire/messages.ts";
import type { OutputGate } from "./commit_gate.ts";
import type { Outputs } from "./outputs.ts";
import type { RunMeters } from "./run_meters.ts";

const LF = 0x0a;

/**
 * Fetch time of the record that made the tasks close sessions: the one behind
 * the watermark they brought, else (a late visit) their own first one.
 */
function closingCauseMs(tasks: readonly InFlightTask[]): number | null {
  const causesMs = tasks.map(
    (task) => task.watermarkCauseMs ?? fetchedAtMs(task),
  );
  return causesMs.find((ms) => ms !== null) ?? null;
}

function countOf(codes: Uint8Array, counted: number): number {
  let count = 0;
  for (const code of codes) if (code === counted) count++;
  return count;
}

/** Takes what the shards report to the outputs, and counts it. */
export class Delivery {
  readonly #outputs: Outputs;
  readonly #meters: RunMeters;
  readonly #topic: string;
  readonly #source: Pick<Source, "lengthOf">;
  readonly #clock: Clock;
  readonly #log: WarningLog;
  readonly #warning: RateLimitedWarning;
  readonly #gate: OutputGate | null;
  #hasRejected = false;
  /** Rejected records and oversized sessions that no warning counts yet. */
  #unshown = 0;
  /** By shard: what caused the first closing whose session it still holds. */
  readonly #heldCausesMs = new Map<number, number>();

  constructor(
    outputs: Outputs,
    meters: RunMeters,
    options: {
      readonly topic: string;
      /** Knows of which records only the start came; left out: all are whole. */
      readonly source?: Pick<Source, "lengthOf">;
      readonly log: WarningLog;
      readonly clock: Clock;
      /** When reports go out; null: at once. */
      readonly gate?: OutputGate | null;
    },
  ) {
    this.#outputs = outputs;
    this.#meters = meters;
    const { topic, log, clock, gate = null } = options;
    this.#topic = topic;
    this.#source = options.source ?? {};
    this.#gate = gate;
    this.#clock = clock;
    this.#log = log;
    this.#warning = new RateLimitedWarning(log, {
      nowMs: () => clock.nowMs(),
    });
  }

  /**
   * Resolves when all that the report holds is acknowledged, or dropped. What
   * waits for its commit is counted when that is committed.
   */
  async deliver(
    report: ShardReport,
    { applied, touched }: ReportedTasks,
  ): Promise<void> {
    const reportedAtMs = this.#clock.nowMs();
    this.#meters.applied(report, applied);
    this.#noteRejected(report);
    const causeMs = this.#closingCauseMs(report, touched);
    const admitted = this.#gate?.admit(report) ?? null;
    const chunks = report.chunks();
    const sessions = chunks.reduce((sum, { count }) => sum + count, 0);
    const oversized = countOf(report.sideCodes, SIDE_OVERSIZED);
    if (admitted !== null && !(await admitted)) {
      this.#meters.withdrawn(sessions + oversized);
      return;
    }
    const committed = this.#gate?.committed ?? null;
    const writes = this.#write(report, chunks);
    if (writes.length > 0) {
      const written = Promise.all(writes);
      this.#gate?.wrote(written);
      await written;
    }
    // Acknowledged is what is acknowledged, whatever becomes of the transaction.
    if (chunks.length > 0) {
      this.#meters.closed(report.envelope, causeMs, reportedAtMs);
    }
    const settle = () => {
      const isKept = this.#outputs.deadLetters !== null;
      this.#meters.settled({
        written: sessions,
        oversized: isKept ? oversized : 0,
        notWritten: isKept ? 0 : oversized,
      });
    };
    if (committed === null) settle();
    else {
      void committed.then(() => {
        settle();
        this.#meters.visible(sessions, causeMs);
      });
    }
  }

  /** Hands the report's output to the outputs. */
  #write(report: ShardReport, chunks: readonly SessionChunk[]) {
    const { sessions, late, deadLetters } = this.#outputs;
    const writes: Promise<void>[] = [];
    if (chunks.length > 0) writes.push(sessions.write(chunks));
    const lateCount = countOf(report.sideCodes, SIDE_LATE);
    if (late !== null && lateCount > 0) {
      writes.push(late.write(this.#sideRecords(report, "late")));
    }
    if (report.sideCodes.length > lateCount) {
      const rejected = this.#sideRecords(report, "rejected");
      if (deadLetters === null) this.#warn(rejected);
      else writes.push(deadLetters.write(rejected));
    }
    if (this.#gate === null) return writes;
    const deltas = report.deltas();
    if (deltas.length > 0) writes.push(this.#gate.log(deltas));
    return writes;
  }

  /** Takes note of what is rejected, for a warning. */
  #noteRejected(report: ShardReport): void {
    const rejectedCount = counterOf(report.envelope, "rejected");
    this.#unshown += rejectedCount;
    if (rejectedCount > 0 && !this.#hasRejected) this.#tellLooks();
    this.#unshown += countOf(report.sideCodes, SIDE_OVERSIZED);
  }

  /** The cause of what a report puts out, which may have waited for it. */
  #closingCauseMs(
    { shard, holdsOutput }: ShardReport,
    touched: readonly InFlightTask[],
  ): number | null {
    const causeMs = this.#heldCausesMs.get(shard) ?? closingCauseMs(touched);
    if (!holdsOutput) this.#heldCausesMs.delete(shard);
    else if (causeMs !== null) this.#heldCausesMs.set(shard, causeMs);
    return causeMs;
  }

  /** Says what the input looks like, should that explain what is rejected. */
  #tellLooks(): void {
    this.#hasRejected = true;
    const { looksLike } = this.#meters.firstRecord;
    if (looksLike === null) return;
    const message = `the first record is no visit, it looks like ${looksLike}`;
    this.#log.warn({ topic: this.#topic }, message);
  }

  /** Warns of all that was rejected since the last time, by the last of these. */
  #warn(examples: Iterable<SideRecord>): void {
    const example = [...examples].at(-1)!;
    // Another shard's example may have spoken for it already.
    if (this.#unshown === 0) return;
    this.#warning.hold(this.#unshown - 1);
    this.#unshown = 0;
    const { reason, topic, partition, offset } = example;
    const what = reason === "session_too_large" ? "a session" : "a record";
    this.#warning.warn(
      `rejected ${what} for ${reason} (--dead-letter-to keeps such)`,
      { topic, partition, offset },
    );
  }

  /** Says what warnings were held back. */
  finish(): void {
    this.#warning.flush();
  }

  *#sideRecords(
    report: ShardReport,
    kind: "late" | "rejected",
  ): Generator<SideRecord> {
    for (const side of report.sides()) {
      const isLate = side.code === SIDE_LATE;
      if (isLate === (kind === "late")) yield this.#sideRecord(side);
    }
  }

  #sideRecord(side: ReportedSide): SideRecord {
    const { partition, offset, key, value } = side;
    const origin = { topic: this.#topic, partition, offset, key };
    if (side.code === SIDE_LATE) return { ...origin, reason: "late", value };
    if (side.code !== SIDE_OVERSIZED) {
      const reason = rejectionReason(side.code);
      const valueBytes = this.#source.lengthOf?.(partition, offset) ?? null;
      const length = valueBytes === null ? {} : { valueBytes };
      return { ...origin, reason, value, ...length };
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
      reason: "session_too_large",
      headers,
    };
  }
}
