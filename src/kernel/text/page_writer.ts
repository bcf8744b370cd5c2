import { writeText } from "../bytes/text_writer.ts";
import {
  baseTimeLengthOf,
  baseTimeOf,
  CHUNK_HEADER_BYTES,
  chunkAfter,
  chunkEndOf,
  firstChunkOf,
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
 * that is the order of their times.
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
const NEXT_PAGE_LENGTH: i32 = 14;

/** More than the fixed text of a page. */
export const FIXED_PAGE_BYTES: i32 = 40;

/** `null` */
const NULL: usize = memory.data<u8>([
  0x6e, 0x75, 0x6c, 0x6c, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
]);

/** Where the times of pages stand: start and end of each. */
let pageTimes: usize = 0;
export let pageCount: i32 = 0;
/** Whether they, as strings, are in order. */
export let arePagesSorted: bool = true;
let lastStart: usize = 0;
let lastEnd: usize = 0;

/**
 * Writes the pages of a session behind `{"page": "`, up to the page of the last
 * one; their times are noted in `times`. Returns where the text ends.
 */
export function writePages(session: usize, to: usize, times: usize): usize {
  pageTimes = times;
  pageCount = 0;
  arePagesSorted = true;
  const base = baseTimeOf(session);
  const baseLength = baseTimeLengthOf(session);
  let at = to;
  let chunk = firstChunkOf(session);
  while (chunk !== 0) {
    const end = chunkEndOf(session, chunk);
    let from = chunk + CHUNK_HEADER_BYTES;
    while (from < end) {
      from = readVisit(from);
      at = writePage(at, base, baseLength);
    }
    chunk = chunkAfter(chunk);
  }
  return at - NEXT_PAGE_LENGTH;
}

/** Writes the page that was read, and what stands before the next. */
function writePage(to: usize, base: usize, baseLength: i32): usize {
  // Null stands without the quotes before and behind it.
  const quote = readPageLength < 0 ? 1 : 0;
  let at = quote
    ? writeText(NULL, to - 1, 4)
    : writeText(readPage, to, readPageLength);
  at = writeText(EVENT_TIME + quote, at, EVENT_TIME_LENGTH - quote);
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
  if (pageCount > 0 && arePagesSorted) arePagesSorted = isInOrder(start, end);
  const place = pageTimes + ((<usize>pageCount) << 3);
  store<usize>(place, start);
  store<usize>(place, end, 4);
  lastStart = start;
  lastEnd = end;
  pageCount++;
}

/** Whether a time comes behind the last one, or is the same. */
function isInOrder(start: usize, end: usize): bool {
  const lastLength = <i32>(lastEnd - lastStart);
  const ownLength = <i32>(end - start);
  const length = min(ownLength, lastLength);
  for (let i = 0; i < length; i += 16) {
    const same = i8x16.eq(v128.load(lastStart + i), v128.load(start + i));
    const differing = ~i8x16.bitmask(same) & 0xffff;
    if (differing === 0) continue;
    const at = i + ctz(differing);
    if (at >= length) break;
    return load<u8>(lastStart + at) < load<u8>(start + at);
  }
  return lastLength <= ownLength;
}

/** Where the time of a page stands. */
export function timeStartOf(page: i32): usize {
  return load<usize>(pageTimes + ((<usize>page) << 3));
}
export function timeEndOf(page: i32): usize {
  return load<usize>(pageTimes + ((<usize>page) << 3), 4);
}
