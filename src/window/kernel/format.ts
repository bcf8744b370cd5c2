import { LONG_PAGE, NULL_PAGE, WHOLE_TIME } from "../store/visit_log_format.ts";
import { setIntAt } from "./int_list.ts";

/*
 * Writes the pages of a session as JSON, from the visits as they lie in the
 * chunks of the store (see src/window/store/visit_log_format.ts). Where what is
 * read and written lies behind `firstFree` is the caller's to say.
 */

/** `", "event_time": "` */
const EVENT_TIME: usize = memory.data<u8>([
  0x22, 0x2c, 0x20, 0x22, 0x65, 0x76, 0x65, 0x6e, 0x74, 0x5f, 0x74, 0x69, 0x6d,
  0x65, 0x22, 0x3a, 0x20, 0x22, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
]);
const EVENT_TIME_LENGTH: i32 = 18;

/** `"}, {"page": "` */
const NEXT_PAGE: usize = memory.data<u8>([
  0x22, 0x7d, 0x2c, 0x20, 0x7b, 0x22, 0x70, 0x61, 0x67, 0x65, 0x22, 0x3a, 0x20,
  0x22, 0, 0,
]);
/** Bytes that stand behind the last page too many. */
export const NEXT_PAGE_LENGTH: i32 = 14;

/** `null` */
const NULL: usize = memory.data<u8>([
  0x6e, 0x75, 0x6c, 0x6c, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
]);

/** The base time; longer ones have no changes. */
export const BASE_TIME: usize = memory.data(256 + 16, 16);

/** First byte and byte behind each page's time, from `out` on. */
let times: usize = 0;
let raw: i32 = 0;
let out: i32 = 0;
let baseLength: i32 = 0;
let pages: i32 = 0;
let isSorted: bool = true;
let lastStart: i32 = 0;
let lastEnd: i32 = 0;

/** First byte of the memory that is not the kernel's own. */
export function firstFree(): i32 {
  return <i32>__heap_base;
}

/** Says where the times of pages go, the visits lie and the text goes. */
export function place(timesAt: i32, rawAt: i32, outAt: i32): void {
  times = timesAt;
  raw = rawAt;
  out = outAt;
}

/** Begins with a session, whose base time has so many bytes. */
export function begin(baseTimeLength: i32): void {
  baseLength = baseTimeLength;
  pages = 0;
  isSorted = true;
}

/** Pages since the beginning. */
export function pageCount(): i32 {
  return pages;
}

/** 1 when their times, as strings, are in order. */
export function areSorted(): i32 {
  return isSorted ? 1 : 0;
}

/**
 * Writes the visits in the first `rawLength` bytes, at place `textAt` of the text,
 * behind `{"page": "`. Returns the place behind the same text for a next page.
 */
export function formatPages(rawLength: i32, textAt: i32): i32 {
  const rawEnd = raw + rawLength;
  let from = raw;
  let at = out + textAt;
  while (from < rawEnd) {
    const first: i32 = load<u8>(from);
    let timeLength: i32 = load<u8>(from + 1);
    let pageLength: i32 = load<u8>(from + 2);
    from += 3;
    if (first === WHOLE_TIME) {
      timeLength = load<i32>(from);
      from += 4;
    }
    if (pageLength === LONG_PAGE) {
      pageLength = load<i32>(from);
      from += 4;
    } else if (pageLength === NULL_PAGE) {
      pageLength = -1;
    }
    const page = from + timeLength;
    // Null stands without the quotes before and behind it.
    const quote = pageLength < 0 ? 1 : 0;
    at = quote ? copy(<i32>NULL, at - 1, 4) : copy(page, at, pageLength);
    at = copy(<i32>EVENT_TIME + quote, at, EVENT_TIME_LENGTH - quote);
    const timeAt = at;
    if (first === WHOLE_TIME) {
      at = copy(from, at, timeLength);
    } else {
      const behind = first + timeLength;
      at = copy(<i32>BASE_TIME, at, first);
      at = copy(from, at, timeLength);
      at = copy(<i32>BASE_TIME + behind, at, baseLength - behind);
    }
    noteTime(timeAt, at);
    at = copy(<i32>NEXT_PAGE, at, NEXT_PAGE_LENGTH);
    from = page + max(0, pageLength);
  }
  return at - out;
}

/**
 * Copies bytes; returns where they end. Up to fifteen more are written, which
 * what is written next replaces.
 */
function copy(from: i32, to: i32, length: i32): i32 {
  for (let i = 0; i < length; i += 16) {
    v128.store(to + i, v128.load(from + i));
  }
  return to + length;
}

function noteTime(start: i32, end: i32): void {
  if (pages > 0 && isSorted) isSorted = isInOrder(start, end);
  setIntAt(times, 2 * pages, start - out);
  setIntAt(times, 2 * pages + 1, end - out);
  lastStart = start;
  lastEnd = end;
  pages++;
}

/** Whether a time comes behind the last one, or is the same. */
function isInOrder(start: i32, end: i32): bool {
  const length = min(end - start, lastEnd - lastStart);
  for (let i = 0; i < length; i += 16) {
    const same = i8x16.eq(v128.load(lastStart + i), v128.load(start + i));
    const differing = ~i8x16.bitmask(same) & 0xffff;
    if (differing === 0) continue;
    const at = i + ctz(differing);
    if (at >= length) break;
    return load<u8>(lastStart + at) < load<u8>(start + at);
  }
  return lastEnd - lastStart <= end - start;
}
