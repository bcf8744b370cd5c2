import { lostLog, shortLog } from "./log_losses.ts";
import type { PartitionPosition } from "./partition_position.ts";

/** Readings that are over sooner need not say how far they are, ms. */
const FIRST_LINE_MS = 5_000;
const NEXT_LINE_MS = 10_000;
/** A new leader may take so long to hear how much the others have, ms. */
const SHORT_GRACE_MS = 10_000;

/** How far a log is read: what it says of that, and when that will not do. */
export class LogProgress {
  readonly #topic: string;
  readonly #positions: readonly PartitionPosition[];
  readonly #starts: readonly number[];
  #beganAtMs: number | null = null;
  #nextLineMs = FIRST_LINE_MS;
  #shortSinceMs: number | null = null;

  constructor(positions: readonly PartitionPosition[], topic: string) {
    this.#topic = topic;
    this.#positions = positions;
    this.#starts = positions.map(({ offset }) => offset);
  }

  /**
   * To be called now and then: a line when one is due, else null. Throws a
   * `WorldError` when a log stays shorter than it is to be read.
   */
  at(nowMs: number): string | null {
    this.#beganAtMs ??= nowMs;
    this.#checkEnds(nowMs);
    const elapsedMs = nowMs - this.#beganAtMs;
    if (elapsedMs < this.#nextLineMs) return null;
    this.#nextLineMs = elapsedMs + NEXT_LINE_MS;
    return this.#text(elapsedMs);
  }

  get #unfinished(): PartitionPosition[] {
    return this.#positions.filter(({ isFinished }) => !isFinished);
  }

  #text(elapsedMs: number): string {
    let done = 0;
    let all = 0;
    for (const [index, { offset, endOffset }] of this.#positions.entries()) {
      const start = this.#starts[index]!;
      done += Math.min(offset, endOffset) - start;
      all += endOffset - start;
    }
    const percent = Math.floor((100 * done) / all);
    const seconds = Math.round(elapsedMs / 1000);
    const head =
      `Restoring from topic "${this.#topic}" for ${seconds} s: ${percent} % ` +
      `read, ${this.#unfinished.length} of ${this.#positions.length} ` +
      "partitions to go";
    const undecided = this.#unfinished.find(isUndecided);
    if (undecided === undefined) return head;
    const { partition, offset } = undecided;
    return `${head}; partition ${partition} waits at offset ${offset} for an open transaction to end`;
  }

  #checkEnds(nowMs: number): void {
    const short = this.#unfinished.find(
      ({ highWatermark, endOffset }) =>
        highWatermark >= 0 && highWatermark < endOffset,
    );
    if (short === undefined) {
      this.#shortSinceMs = null;
      return;
    }
    this.#shortSinceMs ??= nowMs;
    if (nowMs - this.#shortSinceMs < SHORT_GRACE_MS) return;
    const { partition, highWatermark, endOffset } = short;
    throw lostLog(
      this.#topic,
      `partition ${partition} is needed up to offset ${endOffset}, but ` +
        shortLog(highWatermark),
    );
  }
}

/** All that is decided is read, and more of what is wanted is there. */
function isUndecided(position: PartitionPosition): boolean {
  const { offset, lastStableOffset, highWatermark } = position;
  return offset >= lastStableOffset && offset < highWatermark;
}
