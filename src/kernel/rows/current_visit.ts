import { intAt } from "../bytes/int_list.ts";
import { allocate, bytesOf, free } from "../memory/arena.ts";
import {
  KEY_LENGTHS,
  KEY_STARTS,
  PAGE_LENGTHS,
  PAGE_STARTS,
  RECORDS,
  TIME_LENGTHS,
  TIME_STARTS,
  USER_LENGTHS,
  USER_STARTS,
} from "./columns.ts";

/** A spill that is larger than this is not kept. */
const KEPT_BYTES: i32 = 64 * 1024;
/** Bytes behind a text that may be read with its last ones. */
const SLACK_BYTES: i32 = 32;

/** The strings of the visit that is being applied. */
export let visitKey: usize = 0;
export let visitKeyLength: i32 = 0;
export let visitTime: usize = 0;
export let visitTimeLength: i32 = 0;
export let visitPage: usize = 0;
/** -1 for null. */
export let visitPageLength: i32 = 0;
export let visitUser: usize = 0;
/** -1 for null. */
export let visitUserLength: i32 = 0;

/** Where strings are that had to be rewritten. */
const SPILL: usize = memory.data(4, 16);

/**
 * Makes room for the strings of the present rows that were rewritten, so many
 * bytes in all; returns where they are to be put.
 */
export function spillRoom(byteLength: i32): usize {
  const spill = load<usize>(SPILL);
  const needed = byteLength + SLACK_BYTES;
  if (spill !== 0) {
    const held = bytesOf(spill);
    if (needed <= held && held <= max(needed, KEPT_BYTES)) return spill;
    free(spill);
  }
  const room = allocate(needed);
  store<usize>(SPILL, room);
  return room;
}

/** The block of that room, or 0. */
export function spillBlock(): usize {
  return load<usize>(SPILL);
}

/** Looks at the strings of a row. */
export function lookAtVisit(row: i32): void {
  visitKey = placeOf(intAt(KEY_STARTS, row));
  visitKeyLength = intAt(KEY_LENGTHS, row);
  visitTime = placeOf(intAt(TIME_STARTS, row));
  visitTimeLength = intAt(TIME_LENGTHS, row);
  visitPage = placeOf(intAt(PAGE_STARTS, row));
  visitPageLength = intAt(PAGE_LENGTHS, row);
  visitUser = placeOf(intAt(USER_STARTS, row));
  visitUserLength = intAt(USER_LENGTHS, row);
}

/** Where a string of a row stands, by its start. */
export function placeOf(start: i32): usize {
  return start >= 0 ? RECORDS + start : load<usize>(SPILL) + ~start;
}

/** Looks at the time and the page of a visit that a session holds already. */
export function lookAtLogged(
  time: usize,
  timeLength: i32,
  page: usize,
  pageLength: i32,
): void {
  visitTime = time;
  visitTimeLength = timeLength;
  visitPage = page;
  visitPageLength = pageLength;
}

/** Looks at the key of a session that comes from the window log. */
export function lookAtKey(key: usize, length: i32): void {
  visitKey = key;
  visitKeyLength = length;
}

/** Looks at the user of a session, -1 long for null. */
export function lookAtUser(user: usize, length: i32): void {
  visitUser = user;
  visitUserLength = length;
}
