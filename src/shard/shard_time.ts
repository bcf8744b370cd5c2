import { ForwardClocks } from "../watermark/forward_clocks.ts";
import { PartitionClocks } from "../watermark/partition_clocks.ts";
import type { Task } from "../wire/generated/task.ts";

const NO_CLOCKS = new Float64Array(0);
const NO_STATES = new Uint8Array(0);

/** What a shard knows of time, and what it makes of it: its local watermark. */
export class ShardTime {
  readonly #clocks = new PartitionClocks();
  /** Without what main tells, which other shards have seen. */
  readonly #own = new PartitionClocks();
  readonly #told = new ForwardClocks("main");
  readonly #outOfOrdernessMs: number;
  #localWatermarkMs = -Infinity;
  /** Moves the clock of a partition up to the event time of a visit. */
  readonly observe = (partition: number, ms: number): void => {
    this.#clocks.observe(partition, ms);
    this.#own.observe(partition, ms);
  };

  constructor(outOfOrdernessMs: number) {
    this.#outOfOrdernessMs = outOfOrdernessMs;
  }

  /** By partition: the highest event time, ms; a view that changes later. */
  get clocksMs(): Float64Array {
    return this.#clocks.clocksMs;
  }

  /** By partition: the highest event time of its own visits so far, ms; a copy. */
  ownClocksMs(): Float64Array {
    return this.#own.clocksMs.slice();
  }

  /**
   * Minimum over the active partitions of clock - bound - 1 ms. It goes back
   * when an idle partition is heard again: only the merged one never does.
   */
  get localWatermarkMs(): number {
    return this.#localWatermarkMs;
  }

  /**
   * Takes the clocks and states that a task brings, when all its visits are
   * applied. Throws when main tells a clock that is behind an earlier one.
   */
  take(task: Task): void {
    const clocksMs = task.clocksMsArray() ?? NO_CLOCKS;
    this.#told.take(clocksMs);
    this.#clocks.merge(clocksMs);
    this.#clocks.setStates(task.statesArray() ?? NO_STATES);
    // All idle: the watermark stays where it is.
    this.#localWatermarkMs =
      this.#clocks.watermarkMs(this.#outOfOrdernessMs) ??
      this.#localWatermarkMs;
  }

  /** Begins a new assignment, in which these partitions are read anew. */
  restart(partitions: readonly number[]): void {
    this.#told.restart(partitions);
    for (const partition of partitions) {
      this.#clocks.restart(partition);
      this.#own.restart(partition);
    }
    this.#localWatermarkMs = -Infinity;
  }
}
