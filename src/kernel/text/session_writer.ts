import { copyText } from "../bytes/text.ts";
import { SLACK_BYTES, writeText } from "../bytes/text_writer.ts";
import { CONTEXT_BYTES, FAIL_NO_MEMORY, SLAB_SHIFT } from "../codes.ts";
import {
  END_TIME,
  END_TIME_LENGTH,
  FIRST_PAGE_LENGTH,
  NULL_USER_ID,
  NULL_USER_ID_LENGTH,
  PAGE_END,
  PAGE_END_LENGTH,
  SESSION_START,
  SESSION_START_LENGTH,
  START_TIME,
  START_TIME_LENGTH,
  USER_ID,
  USER_ID_END,
  USER_ID_END_LENGTH,
  USER_ID_LENGTH,
  VISITED_PAGES,
  VISITED_PAGES_LENGTH,
} from "../generated/fixed_texts.ts";
import { allocate, bytesOf, free } from "../memory/arena.ts";
import { fail } from "../memory/failure.ts";
import { hasSlabs } from "../memory/slabs.ts";
import { longestTime, textBytesOf } from "../session/page_text.ts";
import {
  keyLengthOf,
  keyOf,
  userLengthOf,
  userOf,
  visitsOf,
} from "../session/session.ts";
import { baseTimeLengthOf } from "../session/visit_log.ts";
import {
  arrangePages,
  firstTime,
  firstTimeLength,
  lastTime,
  lastTimeLength,
} from "./page_order.ts";
import { writePages } from "./page_writer.ts";

/*
 * Writes sessions as JSON, straight from the bytes that the store holds: the
 * bytes that Python's `json.dumps` would give.
 */

/** More than all fixed text before and behind the pages. */
const FIXED_BYTES: i32 = 512;

/** What nearly all sessions fit into; others get a room for themselves. */
const USUAL_TEXT_BYTES: i32 = 1024 * 1024;
const USUAL_PAGES: i32 = 4096;

/** Blocks are counted in 31 bits. */
const TEXT_BYTES_MAX: i64 = 0x7fff0000;

/** Ends every session: see `setContext`. */
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

/** The rooms: for the usual session, and for the present one. */
export function usualText(): usize {
  return load<usize>(STATE, USUAL_TEXT);
}
export function usualTimes(): usize {
  return load<usize>(STATE, USUAL_TIMES);
}
export function textTimes(): usize {
  return load<usize>(STATE, TIMES);
}

/** Where the key stands in it. */
export function keyInText(): usize {
  return textStart() + SESSION_START_LENGTH;
}

/** Writes a session at `textStart`; returns its length. */
export function writeSession(session: usize): i32 {
  makeRoom(session);
  const text = textStart();
  const timeLength = baseTimeLengthOf(session);
  let at = writeText(SESSION_START, text, SESSION_START_LENGTH);
  at = writeText(keyOf(session), at, keyLengthOf(session));
  at = writeText(START_TIME, at, START_TIME_LENGTH);
  const startTimeAt = at;
  at = writeText(END_TIME, at + timeLength, END_TIME_LENGTH);
  const endTimeAt = at;
  at = writeText(VISITED_PAGES, at + timeLength, VISITED_PAGES_LENGTH);
  const pagesAt = at - FIRST_PAGE_LENGTH;
  at = writePages(session, at, load<usize>(STATE, TIMES));
  at = writeText(PAGE_END, at, PAGE_END_LENGTH);
  arrangePages(pagesAt, at);
  at = fillTimes(startTimeAt, endTimeAt, timeLength, at);
  at = writeUser(session, at);
  at = writeText(CONTEXT, at, load<i32>(STATE, CONTEXT_LENGTH));
  if (!ASC_NO_ASSERT) assert(at + SLACK_BYTES <= text + bytesOf(text));
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
  const textBytes = roomBytesOf(session);
  if (pages <= USUAL_PAGES && textBytes <= USUAL_TEXT_BYTES) return;
  if (textBytes > TEXT_BYTES_MAX) fail(FAIL_NO_MEMORY);
  store<usize>(STATE, allocate(<i32>textBytes), TEXT);
  store<usize>(STATE, allocate(8 * pages), TIMES);
}

/**
 * Writes a session if that takes so many bytes of room at most, and there is
 * memory for it; else its length is 0.
 */
export function writeIfSmall(session: usize, bytesMax: i32): i32 {
  const bytes = roomBytesOf(session);
  if (bytes > bytesMax) return 0;
  // Its text, its pages once more while they are sorted, and lists of them.
  const slabs = 3 * (<i32>(bytes >> SLAB_SHIFT) + 2);
  return hasSlabs(slabs) ? writeSession(session) : 0;
}

/** What the text of a session takes, rather too much than too little. */
function roomBytesOf(session: usize): i64 {
  const strings = <i64>keyLengthOf(session) + max(0, userLengthOf(session));
  // The first and the last time stand in it twice.
  const pages = textBytesOf(session);
  const timeLength = min(max(baseTimeLengthOf(session), longestTime()), pages);
  const ownBytes = FIXED_BYTES + CONTEXT_BYTES + strings + 2 * timeLength;
  return ownBytes + pages;
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
