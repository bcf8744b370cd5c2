import type { LogExtent } from "../checkpoint/log_extent.ts";
import type { Mark } from "../checkpoint/mark.ts";
import { encodeMetadata } from "../checkpoint/offset_metadata.ts";
import type { LogState } from "../wire/orders.ts";

/** What a transaction commits of a partition. */
export interface CommittingOffset {
  readonly partition: number;
  readonly offset: number;
  readonly metadata: string;
}

/** What is committed of one partition, and what the next commit will say of it. */
export class Ledger {
  readonly partition: number;
  readonly extent: LogExtent;
  /** Where the next owner reads on; null while nothing was committed. */
  offset: number | null;
  mark: Mark | null;
  /** Bytes of its log that live sessions need. */
  liveBytes = 0;
  #markBytes = 0;

  constructor(
    partition: number,
    state: {
      readonly offset: number | null;
      readonly mark: Mark | null;
      readonly extent: LogExtent;
    },
  ) {
    this.partition = partition;
    this.offset = state.offset;
    this.mark = state.mark;
    this.extent = state.extent;
  }

  /** The number of the last commit that has a mark; 0 for none. */
  get commit(): number {
    return this.mark?.commit ?? 0;
  }

  /** True when a mark would say other things than the last one. */
  isChangedBy({ offset, clockMs, state }: Mark): boolean {
    const { mark } = this;
    return (
      mark === null ||
      offset !== this.offset ||
      clockMs !== mark.clockMs ||
      state !== mark.state
    );
  }

  /** Its next mark is on its way; with its changes it has so many bytes. */
  take(mark: Mark, byteLength: number): void {
    this.mark = mark;
    this.offset = mark.offset;
    this.#markBytes = byteLength;
  }

  /** All shards have told what they need of the log, changed or not. */
  measure(logs: readonly LogState[]): void {
    this.liveBytes = this.#stateIn(logs)?.liveBytes ?? 0;
  }

  /** The mark is in the log, which ends at `end`; what all shards need of it. */
  wrote(end: number, logs: readonly LogState[]): void {
    this.extent.add(this.commit, { end, byteLength: this.#markBytes });
    this.extent.moveFrom(this.#stateIn(logs)?.oldestCommit ?? null);
  }

  #stateIn(logs: readonly LogState[]): LogState | undefined {
    return logs.find(({ partition }) => partition === this.partition);
  }

  /** What is committed beside the offset. */
  committing(by: string, log: string): CommittingOffset {
    const { partition, offset, commit } = this;
    const { from, end } = this.extent;
    if (offset === null) {
      throw new Error(`Cannot commit partition ${partition}: it has no offset`);
    }
    return {
      partition,
      offset,
      metadata: encodeMetadata({ from, end, by, commit, log }),
    };
  }
}
