import type { Clock } from "../clock.ts";
import type { Dispatcher } from "../fleet/dispatcher.ts";
import type { PartitionProgress, SourceEvent } from "../source/source.ts";
import { IdleTracker } from "../watermark/idle_tracker.ts";
import { ABSENT } from "../watermark/partition_state.ts";

/** Keeps the dispatcher's partition states true to what the source tells. */
export class Assignment {
  readonly #dispatcher: Dispatcher;
  readonly #tracker: IdleTracker;
  readonly #clock: Clock;
  #hasStarted = false;

  constructor(
    dispatcher: Dispatcher,
    options: { readonly idleTimeoutMs: number; readonly clock: Clock },
  ) {
    this.#dispatcher = dispatcher;
    this.#tracker = new IdleTracker(options.idleTimeoutMs);
    this.#clock = options.clock;
  }

  /**
   * Takes a new set of partitions. The windows of revoked and of restarted
   * ones go: their next owner, or we, read their visits again.
   */
  assign(event: Extract<SourceEvent, { kind: "assigned" }>): void {
    const revoked = [...this.#tracker.owned()].filter(
      (partition) => !event.partitions.includes(partition),
    );
    // A partition that starts anew must not keep its idle or finished state.
    const kept = event.partitions.filter((p) => !event.restarted.includes(p));
    const nowMs = this.#clock.nowMs();
    this.#tracker.assign(kept, nowMs);
    this.#tracker.assign(event.partitions, nowMs);
    for (const partition of revoked) {
      this.#dispatcher.setState(partition, ABSENT);
    }
    for (const partition of event.partitions) this.#tell(partition);
    if (this.#hasStarted) {
      this.#dispatcher.reassign([...revoked, ...event.restarted]);
    }
    this.#hasStarted = true;
  }

  /** Records of the partition are about to be routed. */
  heard(partition: number): void {
    this.#tracker.heard(partition, this.#clock.nowMs());
    this.#tell(partition);
  }

  /** All records of the partition were routed. */
  finish(partition: number): void {
    this.#tracker.finish(partition);
    this.#tell(partition);
  }

  /** All records of all partitions were routed. */
  finishAll(): void {
    for (const partition of this.#tracker.owned()) this.finish(partition);
  }

  /** Looks for idle partitions. */
  tick(progress: readonly PartitionProgress[]): void {
    const { isSettled } = this.#dispatcher;
    const caughtUp = new Set<number>();
    for (const { partition, isCaughtUp } of progress) {
      if (isCaughtUp) caughtUp.add(partition);
    }
    const isCaughtUp = (partition: number) => caughtUp.has(partition);
    this.#tracker.tick(this.#clock.nowMs(), isCaughtUp, isSettled);
    for (const partition of this.#tracker.owned()) this.#tell(partition);
  }

  #tell(partition: number): void {
    this.#dispatcher.setState(partition, this.#tracker.state(partition));
  }
}
