import { compareBelowMs, readEventTime } from "../bytes/event_time.ts";
import { FAIL_PAGES_DO_NOT_ADD_UP } from "../codes.ts";
import {
  PAGE_END_LENGTH,
  PAGE_SEPARATOR_LENGTH,
  PAGE_SEPARATOR_WORD,
} from "../generated/fixed_texts.ts";
import { allocate, free } from "../memory/arena.ts";
import { fail } from "../memory/failure.ts";
import {
  arePagesSorted,
  isInOrder,
  isOrderedByTime,
  pageCount,
  timeEndOf,
  timeStartOf,
} from "./page_writer.ts";

/*
 * Brings the pages of a session, as they were written in order of arrival, into
 * the order of their event times: as text, or as instants. They nearly always are
 * in that order already, and then there is nothing to do.
 */

/** Bytes from the end of a page's time to the end of the page. */
const PAGE_END_BYTES: usize = PAGE_END_LENGTH;
const SEPARATOR_BYTES: usize = PAGE_SEPARATOR_LENGTH;

/** While pages are sorted by instant: that of each, ms since the epoch. */
let instants: usize = 0;

/** Where the time of the first page stands, after `arrangePages`. */
export let firstTime: usize = 0;
export let firstTimeLength: i32 = 0;
/** Where the time of the last page stands. */
export let lastTime: usize = 0;
export let lastTimeLength: i32 = 0;

/** Sorts the pages that stand in the text from `start` to `end`; stable. */
export function arrangePages(start: usize, end: usize): void {
  if (!arePagesSorted) {
    rearrange(start, end);
    return;
  }
  firstTime = timeStartOf(0);
  firstTimeLength = timeLengthOf(0);
  lastTime = timeStartOf(pageCount - 1);
  lastTimeLength = timeLengthOf(pageCount - 1);
}

function rearrange(start: usize, end: usize): void {
  const byteLength = <i32>(end - start);
  const arrived = allocate(byteLength);
  const order = allocate(8 * pageCount);
  memory.copy(arrived, start, byteLength);
  if (isOrderedByTime) readInstants();
  const sorted = sortPages(order);
  if (isOrderedByTime) free(instants);
  let at = start;
  for (let index = 0; index < pageCount; index++) {
    const page = load<i32>(sorted + ((<usize>index) << 2));
    const pageStart = startOf(page, start);
    const length = timeEndOf(page) + PAGE_END_BYTES - pageStart;
    if (index > 0) {
      store<u16>(at, PAGE_SEPARATOR_WORD);
      at += SEPARATOR_BYTES;
    }
    lastTime = at + timeStartOf(page) - pageStart;
    lastTimeLength = timeLengthOf(page);
    if (index === 0) {
      firstTime = lastTime;
      firstTimeLength = lastTimeLength;
    }
    memory.copy(at, arrived + (pageStart - start), length);
    at += length;
  }
  free(order);
  free(arrived);
  if (at !== end) fail(FAIL_PAGES_DO_NOT_ADD_UP);
}

/** Reads the instants of all pages, so that each is read once. */
function readInstants(): void {
  instants = allocate(8 * pageCount);
  for (let page = 0; page < pageCount; page++) {
    const instantMs = readEventTime(timeStartOf(page), timeEndOf(page));
    store<i64>(instants + ((<usize>page) << 3), instantMs);
  }
}

function startOf(page: i32, start: usize): usize {
  if (page === 0) return start;
  return timeEndOf(page - 1) + PAGE_END_BYTES + SEPARATOR_BYTES;
}

function timeLengthOf(page: i32): i32 {
  return <i32>(timeEndOf(page) - timeStartOf(page));
}

/**
 * The pages in order of their times, by merging ever longer runs from one half
 * of `room` into the other. Returns the half that has the result.
 */
function sortPages(room: usize): usize {
  const bytes = (<usize>pageCount) << 2;
  let from = room;
  let to = room + bytes;
  for (let page = 0; page < pageCount; page++) {
    store<i32>(from + ((<usize>page) << 2), page);
  }
  for (let run = 1; run < pageCount; run *= 2) {
    for (let first = 0; first < pageCount; first += 2 * run) {
      const middle = min(first + run, pageCount);
      merge(from, to, first, middle, min(middle + run, pageCount));
    }
    const merged = to;
    to = from;
    from = merged;
  }
  return from;
}

/** Merges the runs `[first, middle)` and `[middle, end)`. */
function merge(
  from: usize,
  to: usize,
  first: i32,
  middle: i32,
  end: i32,
): void {
  // Mostly few pages are out of order, and most runs follow one another.
  if (
    middle === end ||
    isNotAfter(pageAt(from, middle - 1), pageAt(from, middle))
  ) {
    const skipped = (<usize>first) << 2;
    memory.copy(to + skipped, from + skipped, (<usize>(end - first)) << 2);
    return;
  }
  let left = first;
  let right = middle;
  for (let at = first; at < end; at++) {
    const takesLeft =
      right === end ||
      (left < middle && isNotAfter(pageAt(from, left), pageAt(from, right)));
    const page = pageAt(from, takesLeft ? left++ : right++);
    store<i32>(to + ((<usize>at) << 2), page);
  }
}

function pageAt(list: usize, index: i32): i32 {
  return load<i32>(list + ((<usize>index) << 2));
}

function isNotAfter(a: i32, b: i32): bool {
  if (isOrderedByTime) return isNotLater(a, b);
  return isInOrder(timeStartOf(a), timeEndOf(a), timeStartOf(b), timeEndOf(b));
}

function isNotLater(a: i32, b: i32): bool {
  const aMs = load<i64>(instants + ((<usize>a) << 3));
  const bMs = load<i64>(instants + ((<usize>b) << 3));
  if (aMs !== bMs) return aMs < bMs;
  return (
    compareBelowMs(
      timeStartOf(a),
      timeEndOf(a),
      timeStartOf(b),
      timeEndOf(b),
    ) <= 0
  );
}
