import type { Chunk } from "../record/chunk.ts";
import { beginsAnew, type Mark } from "./mark.ts";
import { MarkWalker } from "./mark_walker.ts";

/**
 * Finds where in the whole window log of a partition the windows begin that its
 * last mark is of: runs before may have begun without those that were there, as
 * those do whose topic was made anew.
 */
export class LogBeginning {
  readonly #walker: MarkWalker;
  #from: number;
  #last: Mark | null = null;
  #next: number;
  /** The topics that marks name. */
  readonly topics = new Set<string>();

  /** `topic` is the window log, which begins at `start`. */
  constructor(topic: string, partition: number, start: number) {
    this.#walker = new MarkWalker(topic, partition);
    this.#from = start;
    this.#next = start;
  }

  /** Nothing before this offset counts, as far as the log is read. */
  get from(): number {
    return this.#from;
  }

  /** Reads on, in the order of the log. Throws a `WorldError` for what is damaged. */
  read(chunk: Chunk): void {
    const walker = this.#walker;
    walker.open(chunk);
    while (walker.next()) {
      const { mark, offset } = walker;
      if (mark === null) continue;
      if (mark.topic !== null) this.topics.add(mark.topic);
      const isAnew = this.#last !== null && beginsAnew(mark, this.#last);
      if (isAnew) this.#from = this.#next;
      this.#last = mark;
      this.#next = offset + 1;
    }
  }
}
