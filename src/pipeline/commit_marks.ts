import { publishPoint } from "../checkpoint/commit_points.ts";
import type { Job } from "../checkpoint/job_fingerprint.ts";
import { MarkBatches } from "../checkpoint/mark_batches.ts";
import type { PassedBarrier } from "../fleet/barriers.ts";
import type { GroupSeat } from "../kafka/group_seat.ts";
import type { DurabilityMeters } from "../observe/durability_meters.ts";
import type { PartitionState } from "../watermark/partition_state.ts";
import type { SessionChunk } from "../wire/messages.ts";
import type { CommitGate } from "./commit_gate.ts";
import type { Ledger } from "./ledger.ts";

/** The window log, as far as commits write it. */
export interface WindowLog {
  /** Resolves when the batches are in the log, in the order of calls. */
  write(
    batches: readonly Pick<SessionChunk, "partition" | "bytes">[],
  ): Promise<void>;
  /** The offset behind the last batch that was written to the partition. */
  endOffset(partition: number): number;
  /** Deletes what lies before these offsets, by partition. */
  truncate(offsets: ReadonlyMap<number, number>): Promise<void>;
}

/** What the marks of commits are written with. */
export interface MarkParts {
  /** The input. */
  readonly topic: string;
  readonly group: string;
  readonly gate: CommitGate;
  readonly log: WindowLog;
  /** Its name. */
  readonly logTopic: string;
  readonly job: Job;
  readonly transactionalId: string;
  readonly meters: DurabilityMeters;
}

/** What the commits of one assignment go by. */
export interface CommitTerm {
  readonly seat: GroupSeat;
  readonly topicId: string | null;
  readonly ledgers: ReadonlyMap<number, Ledger>;
}

/** What a commit has, and all that comes later has not. */
export interface Cut extends PassedBarrier {
  readonly commit: number;
  /** By partition, where it is known: the first offset that comes later. */
  readonly offsets: ReadonlyMap<number, number>;
  readonly states: ReadonlyMap<number, PartitionState>;
}

/** Says in the log how each partition stands at a commit. */
export class CommitMarks {
  readonly #parts: MarkParts;
  readonly #batches = new MarkBatches();

  constructor(parts: MarkParts) {
    this.#parts = parts;
  }

  /**
   * Writes a mark behind the changes of each partition that has any; resolves to
   * those when the outputs have all that is of the commit.
   */
  async write(term: CommitTerm, cut: Cut): Promise<Ledger[]> {
    const { gate, log, meters } = this.#parts;
    const { commit } = cut;
    const logBytes = gate.takeLogBytes();
    assertOwned(term, logBytes);
    publishPoint("deltas-sent", "before", commit);
    const batches: { partition: number; bytes: Buffer }[] = [];
    const changed: Ledger[] = [];
    for (const [partition, ledger] of term.ledgers) {
      ledger.measure(cut.logs);
      const mark = this.#markOf(ledger, { term, cut });
      const deltaBytes = logBytes.get(partition) ?? 0;
      if (mark === null || (deltaBytes === 0 && !ledger.isChangedBy(mark))) {
        continue;
      }
      const bytes = this.#batches.batch(mark);
      batches.push({ partition, bytes });
      ledger.take(mark, deltaBytes + bytes.length);
      changed.push(ledger);
      meters.count("deltaBytes", deltaBytes);
    }
    if (batches.length > 0) gate.wrote(log.write(batches));
    await gate.written();
    publishPoint("deltas-sent", "after", commit);
    for (const ledger of changed) {
      ledger.wrote(log.endOffset(ledger.partition), cut.logs);
    }
    return changed;
  }

  /** null: nothing was read of it, and where it begins is not known. */
  #markOf(ledger: Ledger, { term, cut }: { term: CommitTerm; cut: Cut }) {
    const { topic, group, job, transactionalId } = this.#parts;
    const { partition } = ledger;
    const offset = cut.offsets.get(partition) ?? ledger.offset;
    if (offset === null) return null;
    return {
      ...{ commit: cut.commit, offset, topic },
      ...{ topicId: term.topicId, group },
      watermarkMs: cut.watermarkMs,
      clockMs: cut.clocksMs[partition] ?? -Infinity,
      state: cut.states.get(partition)!,
      ...{ job, by: transactionalId, isAnew: ledger.mark === null },
    };
  }
}

function assertOwned(
  { ledgers }: CommitTerm,
  logBytes: ReadonlyMap<number, number>,
): void {
  for (const partition of logBytes.keys()) {
    if (ledgers.has(partition)) continue;
    throw new Error(
      `Cannot commit: windows of partition ${partition} have changed, which is ` +
        "not owned",
    );
  }
}
