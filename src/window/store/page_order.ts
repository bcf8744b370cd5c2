import { compareAscii, viewOf } from "./ascii.ts";

/** Bytes from the end of a page's time to the end of the page: `"}`. */
const PAGE_END_BYTES = 2;

/** Bytes between two pages: `, `. */
const SEPARATOR_BYTES = 2;

/** Up to here inserting beats sorting. */
const FEW_PAGES = 32;

/** Scratch memory above this many pages is given back after use. */
const KEPT_PAGES = 4096;

/**
 * Brings the pages of a session, as they were written in order of arrival,
 * into the order of their event time strings. They nearly always are in that
 * order already: then looking at each pair is all the work.
 */
export class PageOrder {
  count = 0;
  /** Where the time of the first page stands, after `arrange`. */
  firstStart = 0;
  firstLength = 0;
  /** Where the time of the last page stands, after `arrange`. */
  lastStart = 0;
  lastLength = 0;
  #isSorted = true;
  /** Start and end of each page's time, in order of arrival. */
  #times = new Int32Array(2 * KEPT_PAGES);

  get bytesHeld(): number {
    return this.#times.byteLength;
  }

  clear(): void {
    this.count = 0;
    this.#isSorted = true;
    if (this.#times.length > 2 * KEPT_PAGES) {
      this.#times = new Int32Array(2 * KEPT_PAGES);
    }
  }

  /** Notes the next page by the place of its time. */
  add(view: DataView, timeStart: number, timeEnd: number): void {
    const page = this.count++;
    if (2 * page === this.#times.length) this.#grow();
    this.#times[2 * page] = timeStart;
    this.#times[2 * page + 1] = timeEnd;
    if (page > 0 && this.#isSorted) {
      this.#isSorted = this.#compare(view, page - 1, page) <= 0;
    }
  }

  #grow(): void {
    const grown = new Int32Array(2 * this.#times.length);
    grown.set(this.#times);
    this.#times = grown;
  }

  /** Sorts the pages that stand in `bytes[start, end)`; stable. */
  arrange(bytes: Buffer, start: number, end: number): void {
    const last = this.count - 1;
    if (this.#isSorted) {
      this.firstStart = this.#times[0]!;
      this.lastStart = this.#times[2 * last]!;
      this.firstLength = this.#times[1]! - this.firstStart;
      this.lastLength = this.#times[2 * last + 1]! - this.lastStart;
      return;
    }
    const order = this.#sort(viewOf(bytes));
    const arrived = Buffer.from(bytes.subarray(start, end));
    let at = start;
    for (const page of order) {
      const pageStart = this.#startOf(page, start);
      const timeStart = this.#times[2 * page]!;
      const timeEnd = this.#times[2 * page + 1]!;
      const pageEnd = timeEnd + PAGE_END_BYTES;
      if (at > start) at += bytes.write(", ", at, "latin1");
      this.lastStart = at + timeStart - pageStart;
      this.lastLength = timeEnd - timeStart;
      if (at === start) {
        this.firstStart = this.lastStart;
        this.firstLength = this.lastLength;
      }
      at += arrived.copy(bytes, at, pageStart - start, pageEnd - start);
    }
    if (at !== end) throw new Error("Cannot sort pages: lengths do not add up");
  }

  #startOf(page: number, start: number): number {
    if (page === 0) return start;
    return this.#times[2 * page - 1]! + PAGE_END_BYTES + SEPARATOR_BYTES;
  }

  /** The pages in order of their times. */
  #sort(view: DataView): Int32Array {
    const order = new Int32Array(this.count).map((_, page) => page);
    if (this.count > FEW_PAGES) {
      return order.sort((a, b) => this.#compare(view, a, b) || a - b);
    }
    for (let i = 1; i < order.length; i++) {
      const page = order[i]!;
      let at = i;
      while (at > 0 && this.#compare(view, order[at - 1]!, page) > 0) {
        order[at] = order[at - 1]!;
        at--;
      }
      order[at] = page;
    }
    return order;
  }

  #compare(view: DataView, a: number, b: number): number {
    const aStart = this.#times[2 * a]!;
    const bStart = this.#times[2 * b]!;
    const aLength = this.#times[2 * a + 1]! - aStart;
    const bLength = this.#times[2 * b + 1]! - bStart;
    return compareAscii(view, aStart, aLength, bStart, bLength);
  }
}
