import { shardOf } from "../kernel/host/key_hash.ts";
import {
  REPORT_BYTES_MAX,
  type SessionEncoder,
} from "../sink/encode/session_encoder.ts";
import { PartitionClocks } from "../watermark/partition_clocks.ts";
import { generationTimeText } from "../window/generation_time.ts";
import type { VisitScanner } from "../window/visit_scanner.ts";
import type { WindowStore } from "../window/window_store.ts";
import type { Task } from "../wire/generated/task.ts";
import type { ReportMessage, TaskMessage } from "../wire/messages.ts";
import { decodeTask } from "../wire/task_codec.ts";
import { rawRecords } from "./raw_records.ts";
import { ReportPacker } from "./report_packer.ts";
import type { ShardOptions } from "./shard_options.ts";
import { ShardOutput } from "./shard_output.ts";

/** A task that is not applied in full yet. */
interface Work {
  readonly task: Task;
  readonly payload: ArrayBuffer | null;
  /** The scanner has its records. */
  isBegun: boolean;
}

/** What a shard is made of, beside its options. */
export interface ShardParts {
  readonly scanner: VisitScanner;
  readonly store: WindowStore;
  readonly encoder: SessionEncoder;
}

/**
 * One shard: a pure function from tasks to reports. Tasks are applied in order:
 * the visits, then the clocks, then the watermark. A report is sent when its
 * output is full, wherever the work stands; what is left is a backlog that the
 * next task, of whatever kind, goes on with.
 */
export class SessionShard {
  readonly #options: ShardOptions;
  readonly #scanner: VisitScanner;
  readonly #store: WindowStore;
  readonly #out: ShardOutput;
  readonly #packer = new ReportPacker();
  readonly #clocks = new PartitionClocks();
  readonly #observe = this.#clocks.observe.bind(this.#clocks);
  readonly #backlog: Work[] = [];
  /** Index of the next visit to apply, of those that the scanner has read. */
  #nextVisit = 0;
  #sequence = 0;
  #appliedSequence = 0;
  #localWatermarkMs = -Infinity;
  /** The last report left a little output to the next one, which must not. */
  #isOutputWaiting = false;

  constructor(options: ShardOptions, parts: ShardParts) {
    this.#options = options;
    this.#scanner = parts.scanner;
    this.#store = parts.store;
    this.#out = new ShardOutput(parts.encoder, parts.scanner.visits, options);
  }

  /** Bytes of memory that its windows hold. */
  get bytesHeld(): number {
    return this.#store.bytesHeld;
  }

  /** Takes a task; answers with what was done until the output was full. */
  handle(message: TaskMessage): ReportMessage {
    const task = decodeTask(message.envelope);
    this.#expectSequence(task.sequence());
    for (const spare of message.spares) this.#packer.reuse(spare);
    this.#backlog.push({ task, payload: message.payload, isBegun: false });
    this.#out.generationTime =
      this.#options.generationTime ?? generationTimeText(task.nowMs());
    this.#out.begin();
    this.#work();
    return this.#report(task.isFollowed());
  }

  #expectSequence(sequence: number): void {
    if (sequence !== this.#sequence + 1) {
      throw new Error(
        `Cannot apply task to shard ${this.#options.shard}: its sequence is ` +
          `${sequence}, expected ${this.#sequence + 1}`,
      );
    }
    this.#sequence = sequence;
  }

  #work(): void {
    for (;;) {
      const work = this.#backlog[0];
      if (work === undefined || !this.#apply(work)) return;
      this.#backlog.shift();
      this.#appliedSequence = work.task.sequence();
      if (work.payload !== null) this.#packer.free(work.payload);
    }
  }

  /** Goes on with a task; false when the output got full first. */
  #apply(work: Work): boolean {
    if (!work.isBegun) this.#begin(work);
    const { task } = work;
    if (!this.#applyVisits()) return false;
    const watermarkMs = task.mergedWatermarkMs();
    const advances =
      watermarkMs > -Infinity && watermarkMs >= this.#store.watermarkMs;
    if (advances && !this.#store.advanceTo(watermarkMs, this.#out)) {
      return false;
    }
    this.#takeClocks(task);
    return true;
  }

  /** Scans and applies what is left of the records, some at a time. */
  #applyVisits(): boolean {
    const { visits } = this.#scanner;
    do {
      if (this.#nextVisit < visits.count) {
        this.#nextVisit = this.#store.applyVisits(
          visits,
          this.#nextVisit,
          this.#out,
        );
        if (this.#nextVisit < visits.count) return false;
        // Only now: a clock must not speak of visits that are not applied.
        this.#scanner.tellClocks(this.#observe);
      }
    } while (this.#scanNext());
    return true;
  }

  #begin(work: Work): void {
    work.isBegun = true;
    if (work.task.reassigned()) this.#reassign(work.task);
    if (work.payload === null) return;
    this.#scanner.open(rawRecords(work.task, work.payload), work.task.nowMs());
    this.#nextVisit = 0;
  }

  /** Reads the next visits; false when the task has no more. */
  #scanNext(): boolean {
    if (!this.#scanner.next()) return false;
    this.#nextVisit = 0;
    this.#out.counters.visits += this.#scanner.visits.count;
    this.#checkOutcomes();
    return true;
  }

  /** Hands out rejected records, and asserts that the others are ours. */
  #checkOutcomes(): void {
    const { rejected, visits } = this.#scanner;
    for (const row of rejected) this.#out.reject(row, visits.outcome[row]!);
    const { shard, shardCount, routeBy } = this.#options;
    if (routeBy !== "visit_id" || shardCount === 1) return;
    const row = this.#scanner.findForeign(shard, shardCount);
    if (row < 0) return;
    const owner = shardOf(visits.keyHash[row]!, shardCount);
    throw new Error(
      `Cannot apply visit ${visits.partition[row]}-${visits.offset[row]} to ` +
        `shard ${shard}: its visit_id belongs to shard ${owner}`,
    );
  }

  #takeClocks(task: Task): void {
    this.#clocks.merge(task.clocksMsArray() ?? new Float64Array(0));
    this.#clocks.setStates(task.statesArray() ?? new Uint8Array(0));
    const { outOfOrdernessMs } = this.#options.window;
    // All idle: the watermark stays where it is.
    this.#localWatermarkMs =
      this.#clocks.watermarkMs(outOfOrdernessMs) ?? this.#localWatermarkMs;
  }

  #reassign(task: Task): void {
    const dropped = new Set(task.droppedPartitionsArray() ?? []);
    const before = this.#store.unfiredVisits;
    this.#store.reassign(dropped, task.mergedWatermarkMs());
    this.#out.counters.droppedVisits += before - this.#store.unfiredVisits;
    for (const partition of dropped) this.#clocks.restart(partition);
    this.#localWatermarkMs = -Infinity;
  }

  #report(isFollowed: boolean): ReportMessage {
    const { byteLength } = this.#out;
    const isLittle = byteLength > 0 && byteLength < REPORT_BYTES_MAX;
    const mayWait = isFollowed && !this.#isOutputWaiting;
    const waits = mayWait && isLittle && this.#backlog.length === 0;
    this.#isOutputWaiting = waits;
    const fields = {
      sequence: this.#sequence,
      appliedSequence: this.#appliedSequence,
      localWatermarkMs: this.#localWatermarkMs,
      clocksMs: this.#clocks.clocksMs,
      openSessions: this.#store.openSessions,
      unfiredVisits: this.#store.unfiredVisits,
      bytesHeld: this.bytesHeld,
    };
    return waits
      ? this.#packer.packCounters(this.#out, fields)
      : this.#packer.pack(this.#out, fields);
  }
}
