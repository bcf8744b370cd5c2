import { shardOf } from "../kernel/host/key_hash.ts";
import type { ChunkPlace } from "../record/chunk.ts";
import type { WindowChanges } from "../window/window_changes.ts";
import type { WindowStore } from "../window/window_store.ts";
import type { TaskMessage } from "../wire/messages.ts";
import type { ReassignOrder, ShardOrder } from "../wire/orders.ts";
import { decodeTask } from "../wire/task_codec.ts";
import type { TaskReader } from "./part_reader.ts";
import type { ShardOptions } from "./shard_options.ts";
import type { ShardOutput } from "./shard_output.ts";
import type { ShardTime } from "./shard_time.ts";
import type { WindowRestore } from "./window_restore.ts";

const NONE: ReadonlySet<number> = new Set();

/** What the tasks of a shard work with. */
export interface TaskParts {
  readonly options: ShardOptions;
  readonly reader: TaskReader;
  readonly store: WindowStore;
  /** What changes in the store, if that is kept. */
  readonly changes: WindowChanges | null;
  readonly restore: WindowRestore;
  readonly time: ShardTime;
  readonly out: ShardOutput;
}

/**
 * One task of a shard, phase by phase: its orders, its visits, its barrier, the
 * watermark it brings, its clocks. It stops wherever the output is full, and at
 * a clear or a barrier, and goes on there.
 */
export class TaskRun {
  readonly message: TaskMessage;
  readonly task: ReturnType<typeof decodeTask>;
  readonly #parts: TaskParts;
  #isReported = false;
  #isBegun = false;
  #isBarrierPassed = false;
  /** Index of the next visit to apply, of those that the reader has read. */
  #nextVisit = 0;

  constructor(message: TaskMessage, parts: TaskParts) {
    this.message = message;
    this.task = decodeTask(message.envelope);
    this.#parts = parts;
  }

  /** Applies what is left of the task; false when a report is due first. */
  goOn(): boolean {
    if (!this.#isBegun && !this.#begin()) return false;
    if (!this.#applyVisits() || !this.#passBarrier()) return false;
    // What main tells of time is of the old assignment until the next begins.
    if (this.#parts.restore.isUnderWay) return true;
    if (!this.#moveWatermark()) return false;
    this.#parts.time.take(this.task);
    this.#endRound();
    return true;
  }

  /** Obeys the orders; false when a report is to go out before a clear. */
  #begin(): boolean {
    const { task, message } = this;
    const { orders } = message;
    // What was put out before may be void: no report has it and what comes behind.
    if (!this.#isReported && orders.some(({ kind }) => kind === "clear")) {
      this.#isReported = true;
      return false;
    }
    this.#isBegun = true;
    for (const order of orders) this.#obey(order);
    this.#parts.reader.open(message, task.skewNowMs());
    return true;
  }

  /** Tells of the round that the task ends, if it does. */
  #endRound(): void {
    const round = this.task.round();
    if (round === 0) return;
    const { time, out } = this.#parts;
    const clocksMs = time.ownClocksMs();
    out.answers.push({ kind: "round", round, clocksMs });
  }

  #obey(order: ShardOrder): void {
    const { store, changes, restore, out } = this.#parts;
    const before = store.unfiredVisits;
    switch (order.kind) {
      case "clear":
        restore.begin();
        out.count("droppedVisits", before);
        return;
      case "restore":
        this.#restore(order.chunks);
        out.count("restoredVisits", store.unfiredVisits - before);
        return;
      case "renew":
        for (const { partition, beforeCommit, bytes } of order.partitions) {
          changes?.renew(partition, beforeCommit, bytes);
        }
        return;
      case "reassign":
        this.#reassign(order);
    }
  }

  #restore(chunks: readonly ChunkPlace[]): void {
    const { store, restore, out } = this.#parts;
    const before = store.openSessions;
    let bytes = 0;
    for (const chunk of chunks) bytes += restore.take(chunk);
    const sessions = store.openSessions - before;
    out.answers.push({ kind: "restored", sessions, bytes });
  }

  #reassign({ dropped, assignment, topicId }: ReassignOrder): void {
    const { store, restore, time, out } = this.#parts;
    const before = store.unfiredVisits;
    const isRestored = restore.end();
    const watermarkMs = this.task.mergedWatermarkMs();
    // What was there went before: what is there now is of the new assignment.
    store.reassign(isRestored ? NONE : new Set(dropped), watermarkMs);
    // Not before: what is dropped may be of another topic.
    store.setSourceTopic(topicId ?? "");
    out.count("droppedVisits", before - store.unfiredVisits);
    time.restart(dropped);
    out.answers.push({ kind: "reassigned", assignment });
  }

  /**
   * Puts out what has changed in the windows, and answers; false when that is to
   * be reported first. What has not fired is put out as it is: behind a restore
   * it fires by the watermark that this task brings.
   */
  #passBarrier(): boolean {
    const commit = this.task.barrier();
    if (commit === 0 || this.#isBarrierPassed) return true;
    const { changes, restore, time, out, options } = this.#parts;
    if (changes === null || restore.isUnderWay) {
      throw new Error(
        `Cannot pass the barrier of commit ${commit} in shard ` +
          `${options.shard}: its windows are ` +
          `${changes === null ? "not kept" : "being restored"}`,
      );
    }
    const { bytesLeft } = out;
    if (bytesLeft <= 0 || !changes.exportChanges(commit, bytesLeft)) {
      return false;
    }
    this.#isBarrierPassed = true;
    const clocksMs = time.ownClocksMs();
    const logs = changes.logStates();
    out.answers.push({ kind: "barrier", commit, clocksMs, logs });
    return false;
  }

  /** Reads and applies what is left of the visits, some at a time. */
  #applyVisits(): boolean {
    const { reader, store, time, out } = this.#parts;
    const { visits } = reader;
    do {
      if (this.#nextVisit >= visits.count) continue;
      this.#nextVisit = store.applyVisits(visits, this.#nextVisit, out);
      if (this.#nextVisit < visits.count) return false;
      // Only now: a clock must not speak of visits that are not applied.
      reader.tellClocks(time.observe);
    } while (this.#readNext());
    this.#tellOwned();
    return true;
  }

  /** Tells main how many records of shared chunks are the shard's. */
  #tellOwned(): void {
    const { reader, out } = this.#parts;
    const counts = reader.takeOwned();
    if (counts.length === 0) return;
    out.answers.push({ kind: "owned", sequence: this.task.sequence(), counts });
  }

  /** Reads the next visits; false when the task has no more. */
  #readNext(): boolean {
    const { reader, restore, out } = this.#parts;
    if (!reader.next()) return false;
    if (restore.isUnderWay) {
      throw new Error("Cannot apply visits: the windows are being restored");
    }
    this.#nextVisit = 0;
    out.count("visits", reader.visits.count);
    out.count("recordBytes", reader.recordBytes);
    this.#checkOutcomes();
    return true;
  }

  /** Hands out rejected records, and asserts that the others are ours. */
  #checkOutcomes(): void {
    const { reader, out } = this.#parts;
    const { rejected, visits } = reader;
    for (const row of rejected) out.reject(row, visits.outcome[row]!);
    const { shard, shardCount, routeBy } = this.#parts.options;
    if (routeBy !== "visit_id" || shardCount === 1) return;
    const row = reader.findForeign(shard, shardCount);
    if (row < 0) return;
    const owner = shardOf(visits.keyHash[row]!, shardCount);
    throw new Error(
      `Cannot apply visit ${visits.partition[row]}-${visits.offset[row]} to ` +
        `shard ${shard}: its visit_id belongs to shard ${owner}`,
    );
  }

  /** Moves the watermark; false when the output got full first. */
  #moveWatermark(): boolean {
    const { store, out, options } = this.#parts;
    const watermarkMs = this.task.mergedWatermarkMs();
    if (!(watermarkMs >= store.watermarkMs)) {
      throw new Error(
        `Cannot apply task ${this.task.sequence()} to shard ${options.shard}: ` +
          `its watermark ${watermarkMs} is behind ${store.watermarkMs}, which ` +
          "an earlier task of the same assignment brought",
      );
    }
    return watermarkMs === -Infinity || store.advanceTo(watermarkMs, out);
  }
}
