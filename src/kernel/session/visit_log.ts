import { copyText } from "../bytes/text.ts";
import {
  visitPage,
  visitPageLength,
  visitTime,
  visitTimeLength,
} from "../rows/current_visit.ts";
import { addTextBytes, noteWholeTime } from "./page_text.ts";
import {
  BASE_TIME,
  BASE_TIME_MAX,
  FIRST_CHUNK,
  LAST_CHUNK,
  ROOM_END,
  TAIL,
  TEXT_BYTES,
  TIME_LENGTH,
} from "./session.ts";
import { reserve, startChunks } from "./visit_chunks.ts";

/*
 * How the visits of a session stand in its chunks (`visit_chunks.ts`).
 *
 * A visit is three bytes, its lengths where they do not fit into those, and
 * the strings. The event times of a session have most bytes in common, so a
 * time of the same length as the session's base time is stored as the bytes
 * that differ from it:
 *
 *     base time        2024-06-01T01:12:04+00:00
 *     this time        2024-06-01T01:15:31+00:00
 *                                     ^^^^ changed: 4 bytes from byte 15
 *
 *     | first changed | changed bytes | page length |
 *     | whole time length, int32 | page length, int32 | time ... | page ... |
 *       if WHOLE_TIME              if LONG_PAGE
 */

/** First byte of a visit whose time is not stored as a change of the base. */
export const WHOLE_TIME: i32 = 255;
/** Page length byte of a page of this many bytes or more. */
export const LONG_PAGE: i32 = 254;
/** Page length byte of null. */
export const NULL_PAGE: i32 = 255;

/** Where the time that is being appended differs from the base time. */
let changedStart: i32 = 0;
let changedEnd: i32 = 0;

/**
 * Starts an empty log, whose base time is that of the current visit, with room
 * for so many bytes at least.
 */
export function startLog(session: usize, byteLength: i32): void {
  startChunks(session, byteLength);
  if (visitTimeLength > BASE_TIME_MAX) return;
  store<u8>(session, visitTimeLength, TIME_LENGTH);
  copyText(visitTime, session + BASE_TIME, visitTimeLength);
}

/** Appends the time and the page of the current visit. */
export function appendVisit(session: usize): void {
  const isChange = compareWithBase(session);
  const skipped = isChange ? changedStart : 0;
  const copied = isChange ? changedEnd - changedStart : visitTimeLength;
  const isLongPage = visitPageLength >= LONG_PAGE;
  const byteLength =
    3 +
    (isChange ? 0 : 4) +
    copied +
    (isLongPage ? 4 : 0) +
    max(0, visitPageLength);
  if (!isChange) noteWholeTime(visitTimeLength);
  addTextBytes(session);
  const at = reserve(session, byteLength);
  store<u8>(at, isChange ? skipped : WHOLE_TIME);
  store<u8>(at, isChange ? copied : 0, 1);
  const pageByte = isLongPage ? LONG_PAGE : visitPageLength;
  store<u8>(at, pageByte < 0 ? NULL_PAGE : pageByte, 2);
  let end = at + 3;
  if (!isChange) {
    store<i32>(end, visitTimeLength);
    end += 4;
  }
  if (isLongPage) {
    store<i32>(end, visitPageLength);
    end += 4;
  }
  end = copyText(visitTime + skipped, end, copied);
  copyText(visitPage, end, visitPageLength);
  if (!ASC_NO_ASSERT) assert(end + max(0, visitPageLength) === at + byteLength);
}

/**
 * Appends visits as they stand in a log with the same base time; they take so
 * many bytes of the session's text.
 */
export function appendLogged(
  session: usize,
  from: usize,
  byteLength: i32,
  textBytes: i32,
): void {
  if (byteLength === 0) return;
  memory.copy(reserve(session, byteLength), from, byteLength);
  store<i32>(session, load<i32>(session, TEXT_BYTES) + textBytes, TEXT_BYTES);
}

/**
 * Finds the part of a time that is not as in the base time; false when they
 * are not of one length. Both can be read up to the longest base time.
 */
function compareWithBase(session: usize): bool {
  const length = load<u8>(session, TIME_LENGTH);
  if (length !== visitTimeLength || length === 0) return false;
  const base = session + BASE_TIME;
  const first = i8x16.ne(v128.load(base), v128.load(visitTime));
  const second = i8x16.ne(v128.load(base, 16), v128.load(visitTime, 16));
  const differing =
    <u64>(i8x16.bitmask(first) | (i8x16.bitmask(second) << 16)) &
    0xffffffff &
    (((<u64>1) << (<u64>length)) - 1);
  changedStart = differing === 0 ? 0 : <i32>ctz(differing);
  changedEnd = differing === 0 ? 0 : 64 - <i32>clz(differing);
  return true;
}

/** The time that the others are stored as changes of. */
export function baseTimeOf(session: usize): usize {
  return session + BASE_TIME;
}
export function baseTimeLengthOf(session: usize): i32 {
  return load<u8>(session, TIME_LENGTH);
}

/** Exchanges the logs of two sessions. */
export function swapLogs(a: usize, b: usize): void {
  swap(a + FIRST_CHUNK, b + FIRST_CHUNK);
  swap(a + LAST_CHUNK, b + LAST_CHUNK);
  swap(a + TAIL, b + TAIL);
  swap(a + ROOM_END, b + ROOM_END);
  swap(a + TEXT_BYTES, b + TEXT_BYTES);
  const timeLength = load<u8>(a, TIME_LENGTH);
  store<u8>(a, load<u8>(b, TIME_LENGTH), TIME_LENGTH);
  store<u8>(b, timeLength, TIME_LENGTH);
  for (let i: usize = 0; i < <usize>BASE_TIME_MAX; i += 4) {
    swap(a + BASE_TIME + i, b + BASE_TIME + i);
  }
}

function swap(a: usize, b: usize): void {
  const word = load<u32>(a);
  store<u32>(a, load<u32>(b));
  store<u32>(b, word);
}
