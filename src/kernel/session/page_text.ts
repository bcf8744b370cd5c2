import {
  NEXT_PAGE_LENGTH,
  NULL_LENGTH,
  PAGE_TIME_LENGTH,
} from "../generated/fixed_texts.ts";
import { visitPageLength, visitTimeLength } from "../rows/current_visit.ts";
import { TEXT_BYTES, visitsOf } from "./session.ts";

/*
 * How many bytes the pages of a session take as JSON: a sum that only grows,
 * and that of two sessions is theirs together when they are merged.
 */

const LONGEST_TIME: usize = memory.data(4, 16);

/** Bytes of all pages as JSON. */
export function textBytesOf(session: usize): i32 {
  return load<i32>(session, TEXT_BYTES);
}

/** Adds the page of the current visit. */
export function addTextBytes(session: usize): void {
  store<i32>(session, textBytesOf(session) + visitTextBytes(), TEXT_BYTES);
}

/** Bytes of the page of the current visit as JSON. */
export function visitTextBytes(): i32 {
  return pageTextBytes(visitTimeLength, visitPageLength);
}

/** Bytes of a page as JSON; the length of the page is -1 for null. */
export function pageTextBytes(timeLength: i32, pageLength: i32): i32 {
  // Null stands without quotes.
  const strings = timeLength + (pageLength < 0 ? NULL_LENGTH - 2 : pageLength);
  return PAGE_TIME_LENGTH + NEXT_PAGE_LENGTH + strings;
}

/** Bytes of the strings of all pages, if their times had so many bytes each. */
export function pageBytesOf(session: usize, timeLength: i32): i32 {
  const ofEach = pageTextBytes(timeLength, 0);
  return textBytesOf(session) - visitsOf(session) * ofEach;
}

/** Takes note of a time that is not of the length of its session's base time. */
export function noteWholeTime(timeLength: i32): void {
  if (timeLength > longestTime()) store<i32>(LONGEST_TIME, timeLength);
}

/** The longest such time, of all sessions. */
export function longestTime(): i32 {
  return load<i32>(LONGEST_TIME);
}
