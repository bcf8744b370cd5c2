import { shardOf } from "../kernel/host/key_hash.ts";
import type { VisitReader } from "../window/visit_reader.ts";
import type { WindowStore } from "../window/window_store.ts";
import type { TaskMessage } from "../wire/messages.ts";
import type { ShardOrder } from "../wire/orders.ts";
import { decodeTask } from "../wire/task_codec.ts";
import type { ShardOptions } from "./shard_options.ts";
import type { ShardOutput } from "./shard_output.ts";
import type { ShardTime } from "./shard_time.ts";

/** What the tasks of a shard work with. */
export interface TaskParts {
  readonly options: ShardOptions;
  readonly reader: VisitReader<TaskMessage>;
  readonly store: WindowStore;
  readonly time: ShardTime;
  readonly out: ShardOutput;
}

/**
 * One task of a shard, phase by phase: its orders, its visits, the watermark it
 * brings, its clocks. It stops wherever the output is full, and goes on there.
 */
export class TaskRun {
  readonly message: TaskMessage;
  readonly task: ReturnType<typeof decodeTask>;
  readonly #parts: TaskParts;
  #isBegun = false;
  /** Index of the next visit to apply, of those that the reader has read. */
  #nextVisit = 0;

  constructor(message: TaskMessage, parts: TaskParts) {
    this.message = message;
    this.task = decodeTask(message.envelope);
    this.#parts = parts;
  }

  /** Applies what is left of the task; false when the output got full first. */
  goOn(): boolean {
    if (!this.#isBegun) this.#begin();
    if (!this.#applyVisits() || !this.#moveWatermark()) return false;
    this.#parts.time.take(this.task);
    this.#endRound();
    return true;
  }

  #begin(): void {
    const { task, message } = this;
    this.#isBegun = true;
    for (const order of message.orders) this.#obey(order);
    this.#parts.reader.open(message, task.skewNowMs());
  }

  /** Tells of the round that the task ends, if it does. */
  #endRound(): void {
    const round = this.task.round();
    if (round === 0) return;
    const { time, out } = this.#parts;
    const clocksMs = time.ownClocksMs();
    out.answers.push({ kind: "round", round, clocksMs });
  }

  /** There is one kind of order so far. */
  #obey({ dropped, assignment, topicId }: ShardOrder): void {
    const { store, time, out } = this.#parts;
    const before = store.unfiredVisits;
    store.reassign(new Set(dropped), this.task.mergedWatermarkMs());
    // Not before: what is dropped may be of another topic.
    store.setSourceTopic(topicId ?? "");
    out.count("droppedVisits", before - store.unfiredVisits);
    time.restart(dropped);
    out.answers.push({ kind: "reassigned", assignment });
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
    return true;
  }

  /** Reads the next visits; false when the task has no more. */
  #readNext(): boolean {
    const { reader, out } = this.#parts;
    if (!reader.next()) return false;
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
