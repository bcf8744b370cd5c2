import type { BufferPool } from "../wire/buffer_pool.ts";
import type { TaskMessage } from "../wire/messages.ts";
import { encodeTask, type TaskHeader } from "../wire/task_codec.ts";
import {
  BATCH_BYTES,
  type FetchedRun,
  ShardBatch,
  THIN_BATCH_BYTES,
} from "./shard_batch.ts";

/** A task that the shard has not applied in full yet. */
export interface InFlightTask {
  readonly sequence: number;
  readonly byteLength: number;
  readonly runs: readonly FetchedRun[];
  readonly sentAtMs: number;
  /** Fetch time of the record that moved the watermark this task brings. */
  readonly watermarkCauseMs: number | null;
}

/** One shard as main sees it: the batch being filled, and what is under way. */
export class ShardLink {
  readonly shard: number;
  readonly batch: ShardBatch;
  readonly inFlight: InFlightTask[] = [];
  /** Report payloads to give back with the next task. */
  readonly spares: ArrayBuffer[] = [];
  readonly #payloads: BufferPool;
  /** Sequence of the last task sent. */
  sequence = 0;
  /** Tasks sent and not answered. */
  outstanding = 0;
  /** True when the shard stopped in mid-task because its report was full. */
  hasBacklog = false;
  /** Version of the news that the shard was told last. */
  toldVersion = 0;
  /** Reports before this task belong to an older assignment. */
  assignedSequence = 0;

  constructor(shard: number, payloads: BufferPool) {
    this.shard = shard;
    this.#payloads = payloads;
    this.batch = new ShardBatch(payloads.take(THIN_BATCH_BYTES));
  }

  /** Bytes copied for the shard and not sent yet. */
  get pendingBytes(): number {
    return this.batch.byteLength;
  }

  /** True when nothing is to be sent and nothing is to be waited for. */
  get isQuiet(): boolean {
    return this.batch.count === 0 && this.outstanding === 0 && !this.hasBacklog;
  }

  /** Makes the next task of the batch, which may be empty. */
  nextTask(
    header: Omit<TaskHeader, "sequence">,
    options: { watermarkCauseMs: number | null; version: number },
  ): TaskMessage {
    const { batch } = this;
    const sequence = ++this.sequence;
    const columns = batch.count === 0 ? null : batch.columns();
    const envelope = encodeTask({ ...header, sequence }, columns);
    const runs = batch.fetchedRuns();
    const { byteLength } = batch;
    const isThin = !header.isFollowed && byteLength <= THIN_BATCH_BYTES / 2;
    const nextBytes = isThin ? THIN_BATCH_BYTES : BATCH_BYTES;
    const payload =
      columns === null
        ? null
        : batch.replacePayload(this.#payloads.take(nextBytes));
    const { watermarkCauseMs } = options;
    this.inFlight.push({
      sequence,
      byteLength,
      runs,
      sentAtMs: header.nowMs,
      watermarkCauseMs,
    });
    this.outstanding++;
    this.toldVersion = options.version;
    return { envelope, payload, spares: this.spares.splice(0) };
  }

  /** The tasks that a report says are applied; they are in flight no more. */
  takeApplied(appliedSequence: number): InFlightTask[] {
    let applied = 0;
    while (
      applied < this.inFlight.length &&
      this.inFlight[applied]!.sequence <= appliedSequence
    ) {
      applied++;
    }
    return this.inFlight.splice(0, applied);
  }
}
