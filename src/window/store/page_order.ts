import { compareAscii } from "./ascii.ts";
import type { PageFormatter } from "./page_formatter.ts";

/** Bytes from the end of a page's time to the end of the page: `"}`. */
const PAGE_END_BYTES = 2;

/** Bytes between two pages: `, `. */
const SEPARATOR_BYTES = 2;

/** Up to here inserting beats sorting. */
const FEW_PAGES = 32;

/**
 * Brings the pages of a session, as they were written in order of arrival,
 * into the order of their event time strings. They nearly always are in that
 * order already, and then there is nothing to do.
 */
export class PageOrder {
  /** Where the time of the first page stands, after `arrange`. */
  firstStart = 0;
  firstLength = 0;
  /** Where the time of the last page stands, after `arrange`. */
  lastStart = 0;
  lastLength = 0;

  /** Sorts the pages that stand in the text from `start` to `end`; stable. */
  arrange(pages: PageFormatter, start: number, end: number): void {
    const { times, pageCount } = pages;
    if (!pages.isSorted) {
      this.#rearrange(pages, start, end);
      return;
    }
    const last = 2 * (pageCount - 1);
    this.firstStart = times[0]!;
    this.lastStart = times[last]!;
    this.firstLength = times[1]! - this.firstStart;
    this.lastLength = times[last + 1]! - this.lastStart;
  }

  #rearrange(pages: PageFormatter, start: number, end: number): void {
    const { bytes, view, pageCount } = pages;
    const times = pages.times.subarray(0, 2 * pageCount);
    const arrived = Buffer.from(bytes.subarray(start, end));
    let at = start;
    for (const page of sortedPages(view, times)) {
      const pageStart = startOf(times, page, start);
      const timeStart = times[2 * page]!;
      const timeEnd = times[2 * page + 1]!;
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
}

function startOf(times: Int32Array, page: number, start: number): number {
  if (page === 0) return start;
  return times[2 * page - 1]! + PAGE_END_BYTES + SEPARATOR_BYTES;
}

/** The pages in order of their times. */
function sortedPages(view: DataView, times: Int32Array): Int32Array {
  const compare = (a: number, b: number) => compareTimes(view, times, a, b);
  const order = new Int32Array(times.length / 2).map((_, page) => page);
  if (order.length > FEW_PAGES) {
    return order.sort((a, b) => compare(a, b) || a - b);
  }
  for (let i = 1; i < order.length; i++) {
    const page = order[i]!;
    let at = i;
    while (at > 0 && compare(order[at - 1]!, page) > 0) {
      order[at] = order[at - 1]!;
      at--;
    }
    order[at] = page;
  }
  return order;
}

function compareTimes(
  view: DataView,
  times: Int32Array,
  a: number,
  b: number,
): number {
  const aStart = times[2 * a]!;
  const bStart = times[2 * b]!;
  const aLength = times[2 * a + 1]! - aStart;
  const bLength = times[2 * b + 1]! - bStart;
  return compareAscii(view, aStart, aLength, bStart, bLength);
}
