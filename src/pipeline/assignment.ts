import type { Clock } from "../clock.ts";
import type { Dealer } from "../fleet/dealer.ts";
import type { Dispatcher } from "../fleet/dispatcher.ts";
import type { WatermarkHold } from "../observe/run_summary.ts";
import type { PartitionProgress, SourceEvent } from "../source/source.ts";
import { IdleTracker } from "../watermark/idle_tracker.ts";
import {
  ABSENT,
  ACTIVE,
  type PartitionState,
} from "../watermark/partition_state.ts";
import type { RestoredTime } from "../watermark/shared_time.ts";

/** The partitions that an assignment has brought and taken. */
export interface AssignmentChange {
  readonly topic: string;
  /** All that are owned now. */
  readonly partitions: readonly number[];
  /** Those among them that are read anew. */
  readonly gained: readonly number[];
  readonly revoked: readonly number[];
}

/** How partitions go on that were committed before. */
export interface RestoredPartitions {
  readonly time: RestoredTime;
  /** By partition, where it is known. */
  readonly states: ReadonlyMap<number, PartitionState>;
}

/** The event that tells of an assignment. */
export type Assigned = Extract<SourceEvent, { kind: "assigned" }>;

/** The part of the dispatcher that knows of partitions. */
type TimeKeeper = Pick<
  Dispatcher,
  "setState" | "reassign" | "isSettled" | "clocksMs"
> & { readonly dealer: Pick<Dealer, "isDealing"> };

/** Keeps the dispatcher's partition states true to what the source tells. */
export class Assignment {
  readonly #dispatcher: TimeKeeper;
  readonly #tracker: IdleTracker;
  readonly #topic: string;
  readonly #clock: Clock;
  #progress: readonly PartitionProgress[] = [];
  /** The topic whose id the shards know: they begin without. */
  #topicId: string | null = null;
  #hasStarted = false;

  constructor(
    dispatcher: TimeKeeper,
    options: {
      readonly topic: string;
      readonly idleTimeoutMs: number;
      readonly clock: Clock;
    },
  ) {
    this.#topic = options.topic;
    this.#dispatcher = dispatcher;
    this.#tracker = new IdleTracker(options.idleTimeoutMs);
    this.#clock = options.clock;
  }

  /** True when windows go: those of partitions that were owned until now. */
  takesWindows({ partitions, restarted }: Assigned): boolean {
    return [...this.#tracker.owned()].some(
      (each) => !partitions.includes(each) || restarted.includes(each),
    );
  }

  /** True once partitions were taken, be it none of many. */
  get hasStarted(): boolean {
    return this.#hasStarted;
  }

  /** All owned partitions. */
  owned(): Iterable<number> {
    return this.#tracker.owned();
  }

  /** The state of a partition. */
  stateOf(partition: number): PartitionState {
    return this.#tracker.state(partition);
  }

  /**
   * Takes a new set of partitions, of which all windows were cleared and restored:
   * time goes on where it stood when they were committed.
   */
  resume(
    { partitions, topicId }: Assigned,
    { time, states }: RestoredPartitions,
  ): AssignmentChange {
    const before = [...this.#tracker.owned()];
    const nowMs = this.#clock.nowMs();
    this.#tracker.assign([], nowMs);
    this.#tracker.assign(partitions, nowMs);
    for (const [each, state] of states) this.#tracker.begin(each, state);
    const revoked = before.filter((each) => !partitions.includes(each));
    for (const each of revoked) this.#dispatcher.setState(each, ABSENT);
    for (const each of partitions) this.#tell(each);
    const dropped = [...new Set([...before, ...partitions])];
    this.#dispatcher.reassign({ dropped, topicId }, time);
    this.#hasStarted = true;
    this.#topicId = topicId;
    const gained = partitions.filter((each) => !before.includes(each));
    return { topic: this.#topic, partitions, gained, revoked };
  }

  /**
   * Takes a new set of partitions. The windows of revoked and of restarted
   * ones go: their next owner, or we, read their visits again.
   */
  assign({ partitions, restarted, topicId }: Assigned): AssignmentChange {
    const revoked = [...this.#tracker.owned()].filter(
      (partition) => !partitions.includes(partition),
    );
    // A partition that starts anew must not keep its idle or finished state.
    const kept = partitions.filter((each) => !restarted.includes(each));
    const nowMs = this.#clock.nowMs();
    this.#tracker.assign(kept, nowMs);
    this.#tracker.assign(partitions, nowMs);
    for (const partition of revoked) {
      this.#dispatcher.setState(partition, ABSENT);
    }
    for (const partition of partitions) this.#tell(partition);
    if (this.#hasStarted || topicId !== this.#topicId) {
      const dropped = [...revoked, ...restarted];
      this.#dispatcher.reassign({ dropped, topicId });
    }
    this.#hasStarted = true;
    this.#topicId = topicId;
    return { topic: this.#topic, partitions, gained: restarted, revoked };
  }

  /** Records of the partition are about to be dealt. */
  heard(partition: number): void {
    this.#tracker.heard(partition, this.#clock.nowMs());
    this.#tell(partition);
  }

  /** All records of the partition are handed on to the shards. */
  finish(partition: number): void {
    this.#tracker.finish(partition);
    this.#tell(partition);
  }

  /** All records of all partitions are handed on to the shards. */
  finishAll(): void {
    for (const partition of this.#tracker.owned()) this.finish(partition);
  }

  /** Looks for idle partitions. */
  tick(progress: readonly PartitionProgress[]): void {
    const { isSettled, dealer } = this.#dispatcher;
    this.#progress = progress;
    const caughtUp = new Set<number>();
    for (const { partition, isCaughtUp } of progress) {
      // What it said last is to be with the shards before it counts as silent.
      if (isCaughtUp && !dealer.isDealing(partition)) caughtUp.add(partition);
    }
    const isCaughtUp = (partition: number) => caughtUp.has(partition);
    this.#tracker.tick(this.#clock.nowMs(), isCaughtUp, isSettled);
    for (const partition of this.#tracker.owned()) this.#tell(partition);
  }

  /**
   * The partition that the watermark waits for: the one with the lowest clock,
   * of several the one that will count for the longest; null for none.
   */
  hold(): WatermarkHold | null {
    const { clocksMs } = this.#dispatcher;
    let hold: WatermarkHold | null = null;
    let leastMs = Infinity;
    for (const partition of this.#tracker.owned()) {
      if (this.#tracker.state(partition) !== ACTIVE) continue;
      const clockMs = clocksMs[partition] ?? -Infinity;
      if (clockMs > leastMs) continue;
      const next = this.holdOf(partition);
      const isLonger =
        (next.idleInMs ?? Infinity) > (hold?.idleInMs ?? Infinity);
      if (hold === null || clockMs < leastMs || isLonger) hold = next;
      leastMs = clockMs;
    }
    return hold;
  }

  /** How an owned partition would hold the watermark back, if it did. */
  holdOf(partition: number): WatermarkHold {
    const { hasBeenHeard, silentMs, idleInMs } = this.#tracker.silence(
      partition,
      this.#clock.nowMs(),
    );
    const isCaughtUp = this.#progress.some(
      (each) => each.partition === partition && each.isCaughtUp,
    );
    const unheard = isCaughtUp ? "empty" : "unread";
    const why = isCaughtUp ? "silent" : "behind";
    return {
      topic: this.#topic,
      partition,
      why: hasBeenHeard ? why : unheard,
      silentMs: Math.round(silentMs),
      idleInMs: isCaughtUp && idleInMs !== null ? Math.round(idleInMs) : null,
    };
  }

  #tell(partition: number): void {
    this.#dispatcher.setState(partition, this.#tracker.state(partition));
  }
}
