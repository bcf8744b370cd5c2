import type { Chunk } from "../record/chunk.ts";
import { beginsAnew, type Mark } from "./mark.ts";
import { MarkWalker } from "./mark_walker.ts";

/** Where a window log begins. */
export interface LogStart {
  /** The window log. */
  readonly topic: string;
  readonly partition: number;
  readonly start: number;
}

/** Throws for a mark that must not be in the log. */
export type MarkCheck = (mark: Mark) => void;

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
  readonly #check: MarkCheck;

  /**
   * The window log is that of a partition, and begins at `start`; `check` hears
   * of all marks.
   */
  constructor(
    { topic, partition, start }: LogStart,
    check: MarkCheck = () => {},
  ) {
    this.#check = check;
    this.#walker = new MarkWalker(topic, partition);
    this.#from = start;
    this.#next = start;
  }

  /** Nothing before this offset counts, as far as the log is read. */
  get from(): number {
    return this.#from;
  }

  /** The last mark so far; null before the first. */
  get last(): Mark | null {
    return this.#last;
  }

  /** The offset behind it; where the log begins before the first. */
  get end(): number {
    return this.#next;
  }

  /**
   * Reads on, in the order of the log. Throws a `WorldError` for what is damaged,
   * and what the check throws.
   */
  read(chunk: Chunk): void {
    const walker = this.#walker;
    walker.open(chunk);
    while (walker.next()) {
      const { mark, offset } = walker;
      if (mark === null) continue;
      this.#check(mark);
      const isAnew = this.#last !== null && beginsAnew(mark, this.#last);
      if (isAnew) this.#from = this.#next;
      this.#last = mark;
      this.#next = offset + 1;
    }
  }
}
