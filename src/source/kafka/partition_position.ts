import type { PartitionProgress, StartOffset } from "../source.ts";

/**
 * Bytes of records in one response, of one partition or of several: a request
 * costs some 0.2 ms on each side. Just below a step of the frames' sizes.
 */
export const MAX_RESPONSE_BYTES = 2752 * 1024;

/** An answer older than this, ms, does not prove that nothing new is there. */
const FRESH_MS = 1_000;
/** Without an answer for longer nobody knows where a partition ends now, ms. */
const FORGOTTEN_MS = 5_000;

/** Where reading of a partition begins; `latest`: at the end that it has then. */
export type FirstPosition = StartOffset | "latest";

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
  offset = -1;
  /** The first offset that there was to read, -1 while that is not known. */
  firstOffset = -1;
  /** As long as there is no offset: the end is asked for. */
  beginsAtEnd = false;
  /** Leader epoch of the last batch before it, -1 when it is not known. */
  leaderEpoch = -1;
  /** The broker says that the log does not have this offset. */
  isOutOfRange = false;
  /** Where the pipeline stands in what is queued for it. */
  takenOffset = -1;
  /** End of what is decided, as the last answer said it. */
  lastStableOffset = Number.POSITIVE_INFINITY;
  /** Where its records ended then, decided or not; -1 before an answer. */
  highWatermark = -1;
  /** When the last answer came: `wallClockMs()`. */
  answeredAtMs = Number.NEGATIVE_INFINITY;
  /** A request for it is on its way. */
  isInFlight = false;
  /** The pipeline knows of it, and may begin it. */
  isAnnounced = false;
  /** The pipeline has said where to begin; nothing is read before. */
  hasBegun = false;
  /** Answers have to wait until leader and offset are known again. */
  isLost = true;
  /** The bounded run has all of it. */
  isFinished = false;
  /** Chunks of records that the pipeline has not asked past yet. */
  unreadChunks = 0;
  /** Bytes of the batches, and records, that wait for the pipeline. */
  queuedBytes = 0;
  queuedRecords = 0;
  /** Bytes of a record, as the last ones were; 0 before the first. */
  recordBytes = 0;
  /** Bytes that the next request asks for at most. */
  maxBytes = MAX_RESPONSE_BYTES;

  constructor(partition: number, endOffset: number = Number.POSITIVE_INFINITY) {
    this.partition = partition;
    this.endOffset = endOffset;
  }

  /** Says where reading begins. Throws when that was said before. */
  begin(from: FirstPosition): void {
    if (this.hasBegun) {
      throw new Error(`Cannot begin partition ${this.partition} twice`);
    }
    this.hasBegun = true;
    this.offset = typeof from === "number" ? from : -1;
    this.beginsAtEnd = from === "latest";
    this.firstOffset = this.offset;
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

  /** Reads on at `offset`, from a log that may not know what was read before. */
  moveTo(offset: number): void {
    this.offset = offset;
    if (this.firstOffset < 0) this.firstOffset = offset;
    this.leaderEpoch = -1;
    this.isOutOfRange = false;
  }

  /** How far the pipeline has come, at `nowMs`. */
  progress(nowMs: number): PartitionProgress {
    const next = this.unreadChunks > 0 ? this.takenOffset : this.offset;
    const isWanted = this.isLost || this.isInFlight;
    const isForgotten = isWanted && nowMs - this.answeredAtMs >= FORGOTTEN_MS;
    const known = isForgotten ? Infinity : this.lastStableOffset;
    const end = Math.min(this.endOffset, known);
    const position = next < 0 ? null : next;
    const endOffset = Number.isFinite(end) ? end : null;
    const isUnknown = position === null || endOffset === null;
    return {
      partition: this.partition,
      position,
      endOffset,
      lag: isUnknown ? null : Math.max(0, endOffset - position),
      isCaughtUp: this.isCaughtUp(nowMs),
    };
  }

  /** True once, when the position has reached the end of the bounded run. */
  finish(): boolean {
    if (this.isFinished || this.offset < this.endOffset) return false;
    this.isFinished = true;
    return true;
  }
}
