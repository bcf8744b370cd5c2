/** An answer older than this, ms, does not prove that nothing new is there. */
const FRESH_MS = 1_000;

/**
 * Where reading stands in one owned partition. A partition that is given away
 * and comes back gets a new one, so that answers to the old one are known.
 */
export class PartitionPosition {
  readonly partition: number;
  /** Where a bounded run ends; +Infinity for no end. */
  readonly endOffset: number;
  /** Node id of the broker to read from, -1 when it is not known. */
  leader = -1;
  /** The next offset to ask for, -1 for the earliest there is. */
  offset: number;
  /** End of what is decided, as the last answer said it. */
  lastStableOffset = Number.POSITIVE_INFINITY;
  /** When the last answer came: `wallClockMs()`. */
  answeredAtMs = Number.NEGATIVE_INFINITY;
  /** A request for it is on its way. */
  isInFlight = false;
  /** Answers have to wait until leader and offset are known again. */
  isLost = true;
  /** The bounded run has all of it. */
  isFinished = false;
  /** Chunks of records that the pipeline has not asked past yet. */
  unreadChunks = 0;

  constructor(
    partition: number,
    range: { readonly offset: number; readonly endOffset: number },
  ) {
    this.partition = partition;
    this.offset = range.offset;
    this.endOffset = range.endOffset;
  }

  /** True when it may be put into a request to `node`. */
  isFetchable(node: number): boolean {
    const isIdle = !this.isInFlight && !this.isLost && !this.isFinished;
    return isIdle && this.leader === node;
  }

  /** True when records that can be read wait at the broker. */
  get isBehind(): boolean {
    return this.offset < this.lastStableOffset;
  }

  /** True when all that existed at `nowMs` has been read by the pipeline. */
  isCaughtUp(nowMs: number): boolean {
    const isFresh = nowMs - this.answeredAtMs < FRESH_MS;
    return isFresh && this.unreadChunks === 0 && !this.isBehind;
  }

  /** True once, when the position has reached the end of the bounded run. */
  finish(): boolean {
    if (this.isFinished || this.offset < this.endOffset) return false;
    this.isFinished = true;
    return true;
  }
}
