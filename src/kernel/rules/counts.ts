import { FAIL_MORE_FIRED, FAIL_MORE_FORGOTTEN, REASONS } from "../codes.ts";
import { fail } from "../memory/failure.ts";
import { isMixed, setMixed, unfiredOf, visitsOf } from "../session/session.ts";

/*
 * What the open windows hold, and the proof that it adds up.
 */
const STATE: usize = memory.data(32, 16);
const SESSIONS: usize = 0;
const VISITS: usize = 4;
const UNFIRED: usize = 8;
const MIXED: usize = 12;
const EVER_MIXED: usize = 16;
/** Firings of sessions that had fired before, since `clearFirings`. */
const REVISIONS: usize = 20;
/** By reason: firings since then. */
const FIRINGS: usize = memory.data(4 * REASONS, 16);

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
export function countMerged(later: usize): void {
  add(SESSIONS, -1);
  if (isMixed(later)) add(MIXED, -1);
}

/** A session gets visits of another partition than the one in its id. */
export function noteMixed(session: usize): void {
  if (isMixed(session)) return;
  setMixed(session);
  add(MIXED, 1);
  add(EVER_MIXED, 1);
}

/** A session has come back from the window log, with what it holds. */
export function countRestored(session: usize): void {
  add(SESSIONS, 1);
  add(VISITS, visitsOf(session));
  add(UNFIRED, unfiredOf(session));
  if (!isMixed(session)) return;
  add(MIXED, 1);
  add(EVER_MIXED, 1);
}

/** So many visits more are in sessions: from the window log. */
export function countVisits(count: i32): void {
  add(VISITS, count);
}

/** So many visits more are to be fired, fewer when it is negative. */
export function countUnfired(count: i32): void {
  add(UNFIRED, count);
}

export function countVisit(): void {
  add(VISITS, 1);
  add(UNFIRED, 1);
}

/** A session is about to fire for a reason, as a revision of so much. */
export function countFired(
  session: usize,
  revision: i32,
  closeReason: i32,
): void {
  if (add(UNFIRED, -unfiredOf(session)) < 0) fail(FAIL_MORE_FIRED);
  const firings = FIRINGS + ((<usize>closeReason) << 2);
  store<i32>(firings, load<i32>(firings) + 1);
  if (revision > 0) add(REVISIONS, 1);
}

/** Firings for a reason since `clearFirings`. */
export function firingsFor(closeReason: i32): i32 {
  return load<i32>(FIRINGS + ((<usize>closeReason) << 2));
}

/** Those of them whose session had fired before. */
export function revisions(): i32 {
  return load<i32>(STATE + REVISIONS);
}

/** Begins to count firings anew. */
export function clearFirings(): void {
  memory.fill(FIRINGS, 0, 4 * REASONS);
  store<i32>(STATE + REVISIONS, 0);
}

/** A session is about to be forgotten. */
export function countForgotten(session: usize): void {
  const sessions = add(SESSIONS, -1);
  const visits = add(VISITS, -visitsOf(session));
  const unfired = add(UNFIRED, -unfiredOf(session));
  if (isMixed(session)) add(MIXED, -1);
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

/** Open sessions with visits of more than one partition. */
export function openMixedSessions(): i32 {
  return load<i32>(STATE, MIXED);
}

/** All that ever had some. */
export function mixedSessions(): i32 {
  return load<i32>(STATE, EVER_MIXED);
}
