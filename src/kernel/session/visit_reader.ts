import { copyText } from "../bytes/text.ts";
import { lookAtLogged } from "../rows/current_visit.ts";
import {
  chunkAfter,
  chunkEndOf,
  chunkStartOf,
  firstChunkOf,
} from "./visit_chunks.ts";
import {
  baseTimeLengthOf,
  baseTimeOf,
  LONG_PAGE,
  NULL_PAGE,
  WHOLE_TIME,
} from "./visit_log.ts";

/** A time that was stored as a change, put together again. */
const DECODED: usize = memory.data(64, 16);

/** Where the strings of the visit are that `readVisit` has come to. */
export let readTime: usize = 0;
export let readTimeLength: i32 = 0;
/** Where in the base time the bytes belong; WHOLE_TIME when they are all. */
export let readTimePlace: i32 = 0;
export let readPage: usize = 0;
/** -1 for null. */
export let readPageLength: i32 = 0;

/** Reads the visit at a place in a chunk; returns the place behind it. */
export function readVisit(at: usize): usize {
  readTimePlace = load<u8>(at);
  readTimeLength = load<u8>(at, 1);
  readPageLength = load<u8>(at, 2);
  let start = at + 3;
  if (readTimePlace === WHOLE_TIME) {
    readTimeLength = load<i32>(start);
    start += 4;
  }
  if (readPageLength === LONG_PAGE) {
    readPageLength = load<i32>(start);
    start += 4;
  } else if (readPageLength === NULL_PAGE) {
    readPageLength = -1;
  }
  readTime = start;
  readPage = start + readTimeLength;
  return readPage + max(0, readPageLength);
}

/** Makes each visit of a session the current one in turn, for `take`. */
export function forEachVisit(
  session: usize,
  target: usize,
  take: (target: usize) => void,
): void {
  let chunk = firstChunkOf(session);
  while (chunk !== 0) {
    const end = chunkEndOf(session, chunk);
    let at = chunkStartOf(chunk);
    while (at < end) {
      at = readVisit(at);
      lookAtRead(session);
      take(target);
    }
    if (!ASC_NO_ASSERT) assert(at === end);
    chunk = chunkAfter(chunk);
  }
}

function lookAtRead(session: usize): void {
  if (readTimePlace === WHOLE_TIME) {
    lookAtLogged(readTime, readTimeLength, readPage, readPageLength);
    return;
  }
  const length = baseTimeLengthOf(session);
  copyText(baseTimeOf(session), DECODED, length);
  copyText(readTime, DECODED + readTimePlace, readTimeLength);
  lookAtLogged(DECODED, length, readPage, readPageLength);
}
