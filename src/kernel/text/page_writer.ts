import { compareBelowMs, readEventTime } from "../bytes/event_time.ts";
import { writeText } from "../bytes/text_writer.ts";
import { PAGE_ORDER_TIME } from "../codes.ts";
import {
  NEXT_PAGE,
  NEXT_PAGE_LENGTH,
  NULL,
  NULL_LENGTH,
  PAGE_TIME,
  PAGE_TIME_LENGTH,
} from "../generated/fixed_texts.ts";
import {
  chunkAfter,
  chunkEndOf,
  chunkStartOf,
  firstChunkOf,
} from "../session/visit_chunks.ts";
import {
  baseTimeLengthOf,
  baseTimeOf,
  WHOLE_TIME,
} from "../session/visit_log.ts";
import {
  readPage,
  readPageLength,
  readTime,
  readTimeLength,
  readTimePlace,
  readVisit,
} from "../session/visit_reader.ts";

/*
 * Writes the pages of a session as JSON, in order of arrival, and notes whether
 * that is the order that is wanted.
 */
const PAGE_ORDER: usize = memory.data(4, 16);

/** Where the times of pages stand: start and end of each. */
let pageTimes: usize = 0;
export let pageCount: i32 = 0;
/** Whether they are in order. */
export let arePagesSorted: bool = true;
/** The order is that of instants. */
export let isOrderedByTime: bool = false;
let lastStart: usize = 0;
let lastEnd: usize = 0;

/** Sets the order of pages: one of `PAGE_ORDER_...`. */
export function setPageOrder(order: i32): void {
  store<i32>(PAGE_ORDER, order);
}

/**
 * Writes the pages of a session behind `{"page": "`, up to the page of the last
 * one; their times are noted in `times`. Returns where the text ends.
 */
export function writePages(session: usize, to: usize, times: usize): usize {
  pageTimes = times;
  pageCount = 0;
  arePagesSorted = true;
  isOrderedByTime = load<i32>(PAGE_ORDER) === PAGE_ORDER_TIME;
  const base = baseTimeOf(session);
  const baseLength = baseTimeLengthOf(session);
  let at = to;
  let chunk = firstChunkOf(session);
  while (chunk !== 0) {
    const end = chunkEndOf(session, chunk);
    let from = chunkStartOf(chunk);
    while (from < end) {
      from = readVisit(from);
      at = writePage(at, base, baseLength);
    }
    if (!ASC_NO_ASSERT) assert(from === end);
    chunk = chunkAfter(chunk);
  }
  // What leads on to another page stands behind the last one too.
  return at - NEXT_PAGE_LENGTH;
}

/** Writes the page that was read, and what stands before the next. */
function writePage(to: usize, base: usize, baseLength: i32): usize {
  // Null stands without the quotes before and behind it.
  const quote = readPageLength < 0 ? 1 : 0;
  let at = quote
    ? writeText(NULL, to - 1, NULL_LENGTH)
    : writeText(readPage, to, readPageLength);
  at = writeText(PAGE_TIME + quote, at, PAGE_TIME_LENGTH - quote);
  const timeAt = at;
  if (readTimePlace === WHOLE_TIME) {
    at = writeText(readTime, at, readTimeLength);
  } else {
    const behind = readTimePlace + readTimeLength;
    writeText(base, at, baseLength);
    writeText(readTime, at + readTimePlace, readTimeLength);
    at = writeText(base + behind, at + behind, baseLength - behind);
  }
  noteTime(timeAt, at);
  return writeText(NEXT_PAGE, at, NEXT_PAGE_LENGTH);
}

function noteTime(start: usize, end: usize): void {
  if (pageCount > 0 && arePagesSorted) {
    arePagesSorted = isOrderedByTime
      ? isInOrderOfTime(start, end)
      : isInOrder(lastStart, lastEnd, start, end);
  }
  const place = pageTimes + ((<usize>pageCount) << 3);
  store<usize>(place, start);
  store<usize>(place, end, 4);
  lastStart = start;
  lastEnd = end;
  pageCount++;
}

/** Whether a text comes behind another, or is the same. */
export function isInOrder(
  first: usize,
  firstEnd: usize,
  start: usize,
  end: usize,
): bool {
  const firstLength = <i32>(firstEnd - first);
  const ownLength = <i32>(end - start);
  const length = min(ownLength, firstLength);
  for (let i = 0; i < length; i += 16) {
    const same = i8x16.eq(v128.load(first + i), v128.load(start + i));
    const differing = ~i8x16.bitmask(same) & 0xffff;
    if (differing === 0) continue;
    const at = i + ctz(differing);
    if (at >= length) break;
    return load<u8>(first + at) < load<u8>(start + at);
  }
  return firstLength <= ownLength;
}

/** Whether its instant comes behind the last one, or is the same. */
function isInOrderOfTime(start: usize, end: usize): bool {
  const lastMs = readEventTime(lastStart, lastEnd);
  const ms = readEventTime(start, end);
  if (ms !== lastMs) return lastMs < ms;
  return compareBelowMs(lastStart, lastEnd, start, end) <= 0;
}

/** Where the time of a page stands. */
export function timeStartOf(page: i32): usize {
  return load<usize>(pageTimes + ((<usize>page) << 3));
}
export function timeEndOf(page: i32): usize {
  return load<usize>(pageTimes + ((<usize>page) << 3), 4);
}
