import { WindowLogError } from "../errors.ts";
import type { Chunk } from "../record/chunk.ts";
import type { MarkCheck } from "./log_beginning.ts";
import type { LogExtent } from "./log_extent.ts";
import { isOfOtherTopic, type Mark } from "./mark.ts";
import { MarkWalker } from "./mark_walker.ts";

/**
 * Finds the marks in what a restore needs of the window log of one partition,
 * and by them which commit lies where.
 */
export class LogMarks {
  readonly #extent: LogExtent;
  readonly #walker: MarkWalker;
  readonly #check: MarkCheck;
  #start: number;
  #byteLength = 0;
  /** The last mark so far; null before the first. */
  last: Mark | null = null;
  /** The offset of the last mark; -1 before the first. */
  lastOffset = -1;
  /** Records so far, the marks among them. */
  records = 0;

  /**
   * `topic` is the window log. What is found goes into the extent; `check` hears
   * of all marks.
   */
  constructor(topic: string, extent: LogExtent, check: MarkCheck = () => {}) {
    this.#check = check;
    this.#extent = extent;
    this.#walker = new MarkWalker(topic, extent.partition);
    this.#start = extent.from;
  }

  /**
   * Reads on, in the order of the log. Throws a `WorldError` for what is damaged,
   * and what the check throws.
   */
  read(chunk: Chunk): void {
    const walker = this.#walker;
    walker.open(chunk);
    while (walker.next()) {
      this.records += walker.records;
      // As the shards count them: a record is some ten bytes more than its value.
      this.#byteLength += walker.byteLength;
      if (walker.mark !== null) this.#take(walker.mark);
    }
  }

  #take(mark: Mark): void {
    const { offset } = this.#walker;
    this.#check(mark);
    this.#checkTopic(mark);
    this.#checkCommit(mark);
    const extent = { end: offset + 1, byteLength: this.#byteLength };
    this.#extent.add(mark.commit, extent, this.#start);
    this.last = mark;
    this.lastOffset = offset;
    this.#start = offset + 1;
    this.#byteLength = 0;
  }

  /** Where a topic was made anew, what a restore needs begins behind that. */
  #checkTopic(mark: Mark): void {
    const { last } = this;
    if (last === null || !isOfOtherTopic(mark, last.topicId)) return;
    throw new WindowLogError(
      `Cannot read ${this.#walker.place}: its mark is of ${topicText(mark)}, the ` +
        `one before it of ${topicText(last)}; jobs of one group that read ` +
        "different topics need a --window-log each",
    );
  }

  /** Each commit is above the one before, as long as one job alone writes them. */
  #checkCommit({ commit }: Mark): void {
    const { last } = this;
    if (last === null || commit > last.commit) return;
    throw new WindowLogError(
      `Cannot read ${this.#walker.place}: its mark is of commit ${commit}, the ` +
        `one before it of commit ${last.commit}: two jobs have written to one ` +
        "log; each needs a --window-log of its own",
    );
  }
}

function topicText({ topic, topicId }: Mark): string {
  return topic === null
    ? `topic id ${topicId}`
    : `topic "${topic}" (${topicId})`;
}
