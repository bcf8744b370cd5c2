import { LOGGED, UNLOGGED, visitsOf } from "./session.ts";
import { lastChunkOf, tailOf } from "./visit_chunks.ts";

/*
 * What the window log has of a session, in the block of the session:
 *
 *     | commit | newer | older | chunk | place | visits | bytes | changed |
 *
 * All is 0 for a session that the log does not have. The place is behind the
 * last visit that it has, in that chunk; no chunk says that the session is to be
 * put whole.
 */

/** Number of the commit that the last put is of. */
export const PUT_COMMIT: usize = LOGGED;
/** Neighbours in the list by the last put: see `put_list.ts`. */
const NEWER_PUT: usize = LOGGED + 4;
const OLDER_PUT: usize = LOGGED + 8;
const CHUNK: usize = LOGGED + 12;
export const LOGGED_PLACE: usize = LOGGED + 16;
const VISITS: usize = LOGGED + 20;
/** Bytes of the records of the last put, and of what has followed it. */
export const LOGGED_BYTES: usize = LOGGED + 24;
/** Place in the list of changed sessions, counted from 1. */
export const CHANGED_AT: usize = LOGGED + 28;

/** Whether the window log has a session. */
export function isLogged(session: usize): bool {
  return putCommitOf(session) !== 0;
}

export function putCommitOf(session: usize): i32 {
  return load<i32>(session, PUT_COMMIT);
}
export function setPutCommit(session: usize, commit: i32): void {
  store<i32>(session, commit, PUT_COMMIT);
}

export function newerPutOf(session: usize): usize {
  return load<usize>(session, NEWER_PUT);
}
export function setNewerPut(session: usize, newer: usize): void {
  store<usize>(session, newer, NEWER_PUT);
}

export function olderPutOf(session: usize): usize {
  return load<usize>(session, OLDER_PUT);
}
export function setOlderPut(session: usize, older: usize): void {
  store<usize>(session, older, OLDER_PUT);
}

/** Chunk and place up to which the log has the visits; no chunk: none of them. */
export function loggedChunkOf(session: usize): usize {
  return load<usize>(session, CHUNK);
}
export function loggedPlaceOf(session: usize): usize {
  return load<usize>(session, LOGGED_PLACE);
}
/** Visits before that place. */
export function loggedVisitsOf(session: usize): i32 {
  return load<i32>(session, VISITS);
}

/** Which other parts are not as the log has them: a sum of `..._CHANGED`. */
export function unloggedOf(session: usize): i32 {
  return load<u8>(session, UNLOGGED);
}

/** Takes note of how far the log has the visits; it has all other parts. */
export function setLogged(
  session: usize,
  chunk: usize,
  place: usize,
  visits: i32,
): void {
  store<usize>(session, chunk, CHUNK);
  store<usize>(session, place, LOGGED_PLACE);
  store<i32>(session, visits, VISITS);
  store<u8>(session, 0, UNLOGGED);
}

/** Takes note that the log has all visits. */
export function setAllLogged(session: usize): void {
  setLogged(session, lastChunkOf(session), tailOf(session), visitsOf(session));
}

/** Says that a session is to be put whole: its log is another one now. */
export function forgetPlace(session: usize): void {
  setLogged(session, 0, 0, 0);
}

/** Whether a session is to be put whole when it is written next. */
export function isToBePut(session: usize): bool {
  return loggedChunkOf(session) === 0;
}

export function loggedBytesOf(session: usize): i32 {
  return load<i32>(session, LOGGED_BYTES);
}
export function setLoggedBytes(session: usize, bytes: i32): void {
  store<i32>(session, bytes, LOGGED_BYTES);
}

/** Place in the list of changed sessions, from 1 on; 0 when it is not in it. */
export function changedAt(session: usize): i32 {
  return load<i32>(session, CHANGED_AT);
}
export function setChangedAt(session: usize, place: i32): void {
  store<i32>(session, place, CHANGED_AT);
}
