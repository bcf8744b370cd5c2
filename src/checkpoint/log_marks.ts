import { WorldError } from "../errors.ts";
import { BatchWalker } from "../record/batch_walker.ts";
import { type Chunk, placeOf } from "../record/chunk.ts";
import type { LogExtent } from "./log_extent.ts";
import { decodeMark, MARK_BYTE, type Mark } from "./mark.ts";

/**
 * Finds the marks in the window log of one partition, and by them which commit
 * lies where. Nothing of a commit comes behind its mark, so a mark is the last
 * record of its batch.
 */
export class LogMarks {
  readonly #topic: string;
  readonly #extent: LogExtent;
  readonly #walker = new BatchWalker();
  #start: number;
  #byteLength = 0;
  /** The last mark so far; null before the first. */
  last: Mark | null = null;
  /** The offset of the last mark; -1 before the first. */
  lastOffset = -1;
  /** Records so far, the marks among them. */
  records = 0;

  /** `topic` is the window log. What is found goes into the extent. */
  constructor(topic: string, extent: LogExtent) {
    this.#topic = topic;
    this.#extent = extent;
    this.#start = extent.from;
  }

  /** Reads on, in the order of the log. Throws a `WorldError` for what is damaged. */
  read(chunk: Chunk): void {
    const walker = this.#walker;
    walker.open(placeOf(chunk, this.#topic));
    while (walker.next()) {
      const { bytes, last } = walker;
      const { valueStart, valueLength } = last;
      this.records += walker.records;
      // As the shards count them: a record is some ten bytes more than its value.
      this.#byteLength += walker.byteLength;
      if (valueLength <= 0 || bytes[valueStart] !== MARK_BYTE) continue;
      this.#take(
        bytes.subarray(valueStart, valueStart + valueLength),
        walker.offset,
      );
    }
  }

  #take(value: Buffer, offset: number): void {
    const { partition } = this.#extent;
    const place = `the window log ${this.#topic}[${partition}] at ${offset}`;
    const mark = decodeMark(value, place);
    this.#checkTopic(mark, place);
    const extent = { end: offset + 1, byteLength: this.#byteLength };
    this.#extent.add(mark.commit, extent, this.#start);
    this.last = mark;
    this.lastOffset = offset;
    this.#start = offset + 1;
    this.#byteLength = 0;
  }
  /** Where a topic was made anew, what a restore needs begins behind that. */
  #checkTopic({ topicId }: Mark, place: string): void {
    const before = this.last?.topicId ?? null;
    if (topicId === null || before === null || topicId === before) return;
    throw new WorldError(
      `Cannot read ${place}: its mark is of another topic than the one before ` +
        "it; jobs of one group that read different topics need a --window-log each",
    );
  }
}
