import { PartitionClocks } from "../watermark/partition_clocks.ts";
import type { RestoredTime } from "../watermark/shared_time.ts";
import type { BarrierAnswer, LogState, ShardAnswer } from "../wire/orders.ts";

/** Numbers of commits fit into four bytes of a record of the window log. */
const COMMIT_MAX = 2 ** 31 - 1;

/** What stands at a barrier that all shards have passed. */
export interface PassedBarrier {
  /** The watermark that all shards took behind it, ms. */
  readonly watermarkMs: number;
  /**
   * By partition: the highest event time of all visits before it, also of those
   * whose windows were restored, ms.
   */
  readonly clocksMs: Float64Array;
  /** By partition of the window log, ascending: what all shards need of it. */
  readonly logs: readonly LogState[];
}

/** A barrier that not all shards have answered. */
interface OpenBarrier {
  readonly commit: number;
  readonly watermarkMs: number;
  readonly clocks: PartitionClocks;
  readonly logs: Map<number, LogState>;
  /** By shard. */
  readonly hasAnswered: boolean[];
}

/** The barriers that go to all shards, one at a time, and what comes of them. */
export class Barriers {
  readonly #shardCount: number;
  /** What the clocks of this assignment began at. */
  readonly #begun = new PartitionClocks();
  #lastCommit = 0;
  #open: OpenBarrier | null = null;

  constructor(shardCount: number) {
    this.#shardCount = shardCount;
  }

  /** The commit whose barrier is open; 0 for none. */
  get commit(): number {
    return this.#open?.commit ?? 0;
  }

  /** True when the shard has not answered the barrier that is open. */
  waitsFor(shard: number): boolean {
    return this.#open !== null && !this.#open.hasAnswered[shard]!;
  }

  /** True when the shard is behind the barrier that is open. */
  isBehind(shard: number): boolean {
    return this.#open !== null && this.#open.hasAnswered[shard]!;
  }

  /** Opens the barrier of a commit. Throws when one is open. */
  open(commit: number, watermarkMs: number): void {
    const last = this.#lastCommit;
    const isNext =
      Number.isInteger(commit) && commit > last && commit <= COMMIT_MAX;
    if (this.#open !== null || !isNext) {
      throw new Error(
        `Cannot open the barrier of commit ${commit}: ` +
          (this.#open === null
            ? `it must be from ${last + 1} to ${COMMIT_MAX}`
            : `that of commit ${this.#open.commit} is open`),
      );
    }
    this.#lastCommit = commit;
    const clocks = new PartitionClocks();
    clocks.merge(this.#begun.clocksMs);
    const hasAnswered = new Array<boolean>(this.#shardCount).fill(false);
    this.#open = { commit, watermarkMs, clocks, logs: new Map(), hasAnswered };
  }

  /**
   * Takes the answers of a shard; returns what stands at the barrier when all
   * have answered, else null. Throws for an answer to another one.
   */
  take(shard: number, answers: readonly ShardAnswer[]): PassedBarrier | null {
    let passed: PassedBarrier | null = null;
    for (const answer of answers) {
      if (answer.kind === "barrier") passed = this.#take(shard, answer);
    }
    return passed;
  }

  #take(shard: number, answer: BarrierAnswer): PassedBarrier | null {
    const open = this.#open;
    if (open?.commit !== answer.commit || open.hasAnswered[shard]!) {
      const expected = this.waitsFor(shard) ? `${open!.commit}` : "none";
      throw new Error(
        `Cannot take answer of shard ${shard} to the barrier of commit ` +
          `${answer.commit}: expected ${expected}`,
      );
    }
    open.hasAnswered[shard] = true;
    open.clocks.merge(answer.clocksMs);
    for (const state of answer.logs) addLog(open.logs, state);
    if (open.hasAnswered.includes(false)) return null;
    this.#open = null;
    const { watermarkMs } = open;
    const { clocksMs } = open.clocks;
    const logs = [...open.logs.values()];
    logs.sort((a, b) => a.partition - b.partition);
    return { watermarkMs, clocksMs, logs };
  }

  /** Throws when a barrier is open: then `what` is not to be done. */
  assertClosed(what: string): void {
    if (this.#open === null) return;
    throw new Error(
      `Cannot ${what}: the barrier of commit ${this.#open.commit} is open`,
    );
  }

  /**
   * Begins a new assignment: the clocks of these partitions begin anew, at what
   * is restored of them.
   */
  restart(partitions: readonly number[], time?: RestoredTime): void {
    for (const partition of partitions) this.#begun.restart(partition);
    for (const [partition, ms] of time?.clocks ?? []) {
      this.#begun.observe(partition, ms);
    }
  }
}

/** Adds what one shard needs of a log to what the others do. */
function addLog(logs: Map<number, LogState>, state: LogState): void {
  const { partition } = state;
  const others = logs.get(partition);
  const oldestCommit = Math.min(
    state.oldestCommit,
    others?.oldestCommit ?? state.oldestCommit,
  );
  const liveBytes = state.liveBytes + (others?.liveBytes ?? 0);
  logs.set(partition, { partition, oldestCommit, liveBytes });
}
