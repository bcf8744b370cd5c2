import { FAIL_MORE_FIRED, FAIL_MORE_FORGOTTEN } from "../codes.ts";
import { fail } from "../memory/failure.ts";
import { unfiredOf, visitsOf } from "../session/session.ts";

/*
 * What the open windows hold, and the proof that it adds up.
 */
const STATE: usize = memory.data(16, 16);
const SESSIONS: usize = 0;
const VISITS: usize = 4;
const UNFIRED: usize = 8;

function add(field: usize, count: i32): i32 {
  const sum = load<i32>(STATE + field) + count;
  store<i32>(STATE + field, sum);
  return sum;
}

/** A session was opened. */
export function countSession(): void {
  add(SESSIONS, 1);
}

/** A session was merged into another: its visits stay. */
export function countMerged(): void {
  add(SESSIONS, -1);
}

export function countVisit(): void {
  add(VISITS, 1);
  add(UNFIRED, 1);
}

/** A session is about to fire. */
export function countFired(session: usize): void {
  if (add(UNFIRED, -unfiredOf(session)) < 0) fail(FAIL_MORE_FIRED);
}

/** A session is about to be forgotten. */
export function countForgotten(session: usize): void {
  const sessions = add(SESSIONS, -1);
  const visits = add(VISITS, -visitsOf(session));
  const unfired = add(UNFIRED, -unfiredOf(session));
  if (min(sessions, min(visits, unfired)) < 0) fail(FAIL_MORE_FORGOTTEN);
}

export function openSessions(): i32 {
  return load<i32>(STATE, SESSIONS);
}

/** Visits in windows that are not gone yet. */
export function openVisits(): i32 {
  return load<i32>(STATE, VISITS);
}

/** Those of them that were never part of a firing. */
export function unfiredVisits(): i32 {
  return load<i32>(STATE, UNFIRED);
}
