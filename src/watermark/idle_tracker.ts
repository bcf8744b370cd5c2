import {
  ABSENT,
  ACTIVE,
  FINISHED,
  IDLE,
  type PartitionState,
} from "./partition_state.ts";

/** How long a partition has had nothing to say. */
export interface Silence {
  /** Records have come since its assignment. */
  readonly hasBeenHeard: boolean;
  /** Since its last record, its assignment or our being behind, ms. */
  readonly silentMs: number;
  /** Until it may be idle, ms; null: never. */
  readonly idleInMs: number | null;
}

/** What the tracker knows of one partition. */
interface Tracked {
  state: PartitionState;
  /** Since when it is silent: its assignment, a record, or our being behind. */
  heardAtMs: number;
  /** When records last came; -Infinity before the first. */
  recordsAtMs: number;
}

/**
 * Decides which partitions count: ACTIVE -> IDLE when caught up and silent for
 * the timeout, back to ACTIVE when heard, FINISHED at the end of a bounded
 * input. It is told the time, so that it can be tested without a clock.
 */
export class IdleTracker {
  readonly #timeoutMs: number;
  readonly #partitions = new Map<number, Tracked>();

  /** `timeoutMs` 0: a partition is never idle. */
  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
  }

  /** The state of a partition. */
  state(partition: number): PartitionState {
    return this.#partitions.get(partition)?.state ?? ABSENT;
  }

  /** An owned partition is idle from the start: it was when it was owned last. */
  begin(partition: number, state: PartitionState): void {
    this.#tracked(partition).state = state === IDLE ? IDLE : ACTIVE;
  }

  /** All owned partitions. */
  owned(): IterableIterator<number> {
    return this.#partitions.keys();
  }

  /** How long an owned partition has been silent. */
  silence(partition: number, nowMs: number): Silence {
    const { heardAtMs, recordsAtMs } = this.#tracked(partition);
    const silentMs = nowMs - heardAtMs;
    const hasBeenHeard = recordsAtMs > -Infinity;
    const isNever = this.#timeoutMs === 0;
    const idleInMs = isNever ? null : Math.max(0, this.#timeoutMs - silentMs);
    return { hasBeenHeard, silentMs, idleInMs };
  }

  /** Takes the new set of owned partitions; kept ones keep their state. */
  assign(partitions: readonly number[], nowMs: number): void {
    for (const partition of [...this.#partitions.keys()]) {
      if (!partitions.includes(partition)) this.#partitions.delete(partition);
    }
    for (const partition of partitions) {
      if (this.#partitions.has(partition)) continue;
      this.#partitions.set(partition, {
        state: ACTIVE,
        heardAtMs: nowMs,
        recordsAtMs: -Infinity,
      });
    }
  }

  /** Records came from the partition; it counts again at once. */
  heard(partition: number, nowMs: number): void {
    const tracked = this.#tracked(partition);
    if (tracked.state === FINISHED) {
      throw new Error(
        `Cannot take records of partition ${partition}: it is finished`,
      );
    }
    tracked.heardAtMs = nowMs;
    tracked.recordsAtMs = nowMs;
    tracked.state = ACTIVE;
  }

  /** The partition was read to its captured end. */
  finish(partition: number): void {
    this.#tracked(partition).state = FINISHED;
  }

  /**
   * Looks for partitions that have become idle. One that still has records to
   * be read is not idle, however long we take: its silence is ours.
   *
   * The active ones that were heard last become idle after all others, and only
   * while `isSettled`: when all shards have reported with what they were told.
   * Else nobody would be left to move the watermark to where the others, such
   * as one that was never heard, no longer hold it back.
   */
  tick(
    nowMs: number,
    isCaughtUp: (partition: number) => boolean,
    isSettled: boolean,
  ): void {
    if (this.#timeoutMs === 0) return;
    const active: Tracked[] = [];
    const silent: Tracked[] = [];
    for (const [partition, tracked] of this.#partitions) {
      if (tracked.state !== ACTIVE) continue;
      active.push(tracked);
      if (!isCaughtUp(partition)) tracked.heardAtMs = nowMs;
      else if (nowMs - tracked.heardAtMs >= this.#timeoutMs) {
        silent.push(tracked);
      }
    }
    const lastMs = Math.max(...active.map((tracked) => tracked.recordsAtMs));
    const isLast = (tracked: Tracked) => tracked.recordsAtMs === lastMs;
    const areAllSilent = silent.length === active.length;
    const mayLastGo = isSettled && areAllSilent && active.every(isLast);
    for (const tracked of silent) {
      if (mayLastGo || !isLast(tracked)) tracked.state = IDLE;
    }
  }

  #tracked(partition: number): Tracked {
    const tracked = this.#partitions.get(partition);
    if (tracked === undefined) {
      throw new Error(`Cannot track partition ${partition}: it is not owned`);
    }
    return tracked;
  }
}
