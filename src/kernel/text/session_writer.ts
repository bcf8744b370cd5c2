import { copyText } from "../bytes/text.ts";
import { SLACK_BYTES, writeText } from "../bytes/text_writer.ts";
import { allocate, free } from "../memory/arena.ts";
import { fail, NO_MEMORY } from "../memory/failure.ts";
import {
  keyLengthOf,
  keyOf,
  userLengthOf,
  userOf,
  visitsOf,
} from "../session/session.ts";
import { baseTimeLengthOf, logBytesOf } from "../session/visit_log.ts";
import {
  arrangePages,
  firstTime,
  firstTimeLength,
  lastTime,
  lastTimeLength,
} from "./page_order.ts";
import { FIXED_PAGE_BYTES, writePages } from "./page_writer.ts";

/*
 * Writes sessions as JSON, straight from the bytes that the store holds: the
 * bytes that Python's `json.dumps` would give.
 */

/** `{"visit_id": "` */
const VISIT_ID: usize = memory.data<u8>([
  0x7b, 0x22, 0x76, 0x69, 0x73, 0x69, 0x74, 0x5f, 0x69, 0x64, 0x22, 0x3a, 0x20,
  0x22, 0, 0,
]);
const VISIT_ID_LENGTH: i32 = 14;

/** `", "start_time": "` */
const START_TIME: usize = memory.data<u8>([
  0x22, 0x2c, 0x20, 0x22, 0x73, 0x74, 0x61, 0x72, 0x74, 0x5f, 0x74, 0x69, 0x6d,
  0x65, 0x22, 0x3a, 0x20, 0x22, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
]);
const START_TIME_LENGTH: i32 = 18;

/** `", "end_time": "` */
const END_TIME: usize = memory.data<u8>([
  0x22, 0x2c, 0x20, 0x22, 0x65, 0x6e, 0x64, 0x5f, 0x74, 0x69, 0x6d, 0x65, 0x22,
  0x3a, 0x20, 0x22,
]);
const END_TIME_LENGTH: i32 = 16;

/** `", "visited_pages": [[{"page": "` */
const VISITED_PAGES: usize = memory.data<u8>([
  0x22, 0x2c, 0x20, 0x22, 0x76, 0x69, 0x73, 0x69, 0x74, 0x65, 0x64, 0x5f, 0x70,
  0x61, 0x67, 0x65, 0x73, 0x22, 0x3a, 0x20, 0x5b, 0x5b, 0x7b, 0x22, 0x70, 0x61,
  0x67, 0x65, 0x22, 0x3a, 0x20, 0x22,
]);
const VISITED_PAGES_LENGTH: i32 = 32;
/** Of these the first page begins: `{"page": "` */
const FIRST_PAGE_LENGTH: i32 = 10;

/** `"}` */
const LAST_PAGE_END: usize = memory.data<u8>([
  0x22, 0x7d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
]);
const LAST_PAGE_END_LENGTH: i32 = 2;

/** `]], "user_id": ["` */
const USER_ID: usize = memory.data<u8>([
  0x5d, 0x5d, 0x2c, 0x20, 0x22, 0x75, 0x73, 0x65, 0x72, 0x5f, 0x69, 0x64, 0x22,
  0x3a, 0x20, 0x5b, 0x22, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
]);
const USER_ID_LENGTH: i32 = 17;

/** `"` */
const USER_ID_END: usize = memory.data<u8>([
  0x22, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
]);
const USER_ID_END_LENGTH: i32 = 1;

/** `]], "user_id": [null` */
const NULL_USER_ID: usize = memory.data<u8>([
  0x5d, 0x5d, 0x2c, 0x20, 0x22, 0x75, 0x73, 0x65, 0x72, 0x5f, 0x69, 0x64, 0x22,
  0x3a, 0x20, 0x5b, 0x6e, 0x75, 0x6c, 0x6c, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
]);
const NULL_USER_ID_LENGTH: i32 = 20;
/** More than all fixed text before and behind the pages. */
const FIXED_BYTES: i32 = 512;

/** What nearly all sessions fit into; others get a room for themselves. */
const USUAL_TEXT_BYTES: i32 = 1024 * 1024;
const USUAL_PAGES: i32 = 4096;

/** Blocks are counted in 31 bits. */
const TEXT_BYTES_MAX: i64 = 0x7fff0000;

/** Ends every session: see `setContext`. */
export const CONTEXT_BYTES: i32 = 512;
export const CONTEXT: usize = memory.data(CONTEXT_BYTES + SLACK_BYTES, 16);

const STATE: usize = memory.data(32, 16);
const CONTEXT_LENGTH: usize = 0;
/** The text, and the times of its pages: for usual sessions, for the present. */
const USUAL_TEXT: usize = 4;
const USUAL_TIMES: usize = 8;
const TEXT: usize = 12;
const TIMES: usize = 16;

/** Makes the room for usual sessions. */
export function createTextRoom(): void {
  const text = allocate(USUAL_TEXT_BYTES);
  const times = allocate(8 * USUAL_PAGES);
  store<usize>(STATE, text, USUAL_TEXT);
  store<usize>(STATE, times, USUAL_TIMES);
  store<usize>(STATE, text, TEXT);
  store<usize>(STATE, times, TIMES);
}

/** Says that the first bytes at `CONTEXT` are to end every session. */
export function setContext(byteLength: i32): void {
  store<i32>(STATE, byteLength, CONTEXT_LENGTH);
}

/** Whether sessions can be written in full: there is something at `CONTEXT`. */
export function hasContext(): bool {
  return load<i32>(STATE, CONTEXT_LENGTH) > 0;
}

/** Where the session stands that was written last. */
export function textStart(): usize {
  return load<usize>(STATE, TEXT);
}

/** Where the key stands in it. */
export function keyInText(): usize {
  return textStart() + VISIT_ID_LENGTH;
}

/** Writes a session at `textStart`; returns its length. */
export function writeSession(session: usize): i32 {
  makeRoom(session);
  const text = textStart();
  const timeLength = baseTimeLengthOf(session);
  let at = writeText(VISIT_ID, text, VISIT_ID_LENGTH);
  at = writeText(keyOf(session), at, keyLengthOf(session));
  at = writeText(START_TIME, at, START_TIME_LENGTH);
  const startTimeAt = at;
  at = writeText(END_TIME, at + timeLength, END_TIME_LENGTH);
  const endTimeAt = at;
  at = writeText(VISITED_PAGES, at + timeLength, VISITED_PAGES_LENGTH);
  const pagesAt = at - FIRST_PAGE_LENGTH;
  at = writePages(session, at, load<usize>(STATE, TIMES));
  at = writeText(LAST_PAGE_END, at, LAST_PAGE_END_LENGTH);
  arrangePages(pagesAt, at);
  at = fillTimes(startTimeAt, endTimeAt, timeLength, at);
  at = writeUser(session, at);
  at = writeText(CONTEXT, at, load<i32>(STATE, CONTEXT_LENGTH));
  return <i32>(at - text);
}

/** Gives the room of an unusual session back. */
export function releaseRoom(): void {
  const text = textStart();
  if (text === load<usize>(STATE, USUAL_TEXT)) return;
  free(text);
  free(load<usize>(STATE, TIMES));
  store<usize>(STATE, load<usize>(STATE, USUAL_TEXT), TEXT);
  store<usize>(STATE, load<usize>(STATE, USUAL_TIMES), TIMES);
}

/** Sees to it that there is room for a session. */
function makeRoom(session: usize): void {
  releaseRoom();
  const pages = visitsOf(session);
  const textBytes = textBytesOf(session);
  if (pages <= USUAL_PAGES && textBytes <= USUAL_TEXT_BYTES) return;
  store<usize>(STATE, allocate(textBytes), TEXT);
  store<usize>(STATE, allocate(8 * pages), TIMES);
}

/** What the text of a session takes, rather too much than too little. */
function textBytesOf(session: usize): i32 {
  const timeLength = baseTimeLengthOf(session);
  const strings = keyLengthOf(session) + max(0, userLengthOf(session));
  const ownBytes = FIXED_BYTES + CONTEXT_BYTES + strings + 2 * timeLength;
  const pageBytes = FIXED_PAGE_BYTES + timeLength;
  const pagesBytes = <i64>visitsOf(session) * pageBytes;
  // Twice more, should the first and the last time be much longer.
  const logBytes = <i64>logBytesOf(session) & 0xffffffff;
  const textBytes = pagesBytes + ownBytes + 3 * logBytes;
  if (textBytes > TEXT_BYTES_MAX) fail(NO_MEMORY);
  return <i32>textBytes;
}

/**
 * Fills the places that were left for the first and the last time, so many
 * bytes each; returns where the text that stands up to `end` ends then.
 */
function fillTimes(
  startTimeAt: usize,
  endTimeAt: usize,
  room: i32,
  end: usize,
): usize {
  if (firstTimeLength === room && lastTimeLength === room) {
    copyText(firstTime, startTimeAt, room);
    copyText(lastTime, endTimeAt, room);
    return end;
  }
  // The later place first, so that the other times still stand where noted.
  const moved = <usize>(lastTimeLength - room);
  const first = firstTime + moved;
  const ends = refill(endTimeAt, room, lastTime, lastTimeLength, end);
  return refill(startTimeAt, room, first, firstTimeLength, ends);
}

/** Fills a place with a time of another length: moves what is behind. */
function refill(
  at: usize,
  room: i32,
  time: usize,
  length: i32,
  end: usize,
): usize {
  const behind = at + room;
  const moved = <usize>(length - room);
  memory.copy(behind + moved, behind, end - behind);
  memory.copy(at, time + moved, length);
  return end + moved;
}

function writeUser(session: usize, to: usize): usize {
  const length = userLengthOf(session);
  if (length < 0) return writeText(NULL_USER_ID, to, NULL_USER_ID_LENGTH);
  let at = writeText(USER_ID, to, USER_ID_LENGTH);
  at = writeText(userOf(session), at, length);
  return writeText(USER_ID_END, at, USER_ID_END_LENGTH);
}
