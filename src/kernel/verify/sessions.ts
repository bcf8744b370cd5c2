import { gapMs } from "../index/deadlines.ts";
import {
  emptyAfter,
  emptyBefore,
  firstEmpty,
} from "../index/empty_sessions.ts";
import { bytesOf } from "../memory/arena.ts";
import { changedAt, isLogged } from "../session/logged.ts";
import {
  endMsOf,
  idOffsetOf,
  idPartitionOf,
  isMixed,
  revisionOf,
  startMsOf,
  swallowedOf,
  unfiredOf,
  userBlockOf,
  userLengthOf,
  userRoomOf,
  visitsOf,
} from "../session/session.ts";
import { swallowedAfter } from "../session/swallowed.ts";
import { hold, holdIfAny } from "./blocks.ts";
import { clearNoted, verifyLogged } from "./changes.ts";
import {
  FAULT_CHANGED,
  FAULT_EMPTY_LIST,
  FAULT_NONE,
  FAULT_PUTS,
  FAULT_SESSION_COUNTS,
  FAULT_SWALLOWED,
  FAULT_USER,
  FAULT_WINDOW,
} from "./faults.ts";
import { verifyLog } from "./logs.ts";
import { mark, SESSION } from "./marks.ts";

/** What the sessions that were walked hold together. */
export let liveSessions: i32 = 0;
export let emptySessions: i32 = 0;
export let allVisits: i32 = 0;
export let allUnfired: i32 = 0;
export let allMixed: i32 = 0;

/** Begins to count anew. */
export function clearSums(): void {
  liveSessions = 0;
  emptySessions = 0;
  allVisits = 0;
  allUnfired = 0;
  allMixed = 0;
  clearNoted();
}

/** Looks at a session whose block is held already, and at what it points to. */
export function verifySession(session: usize): i32 {
  mark(SESSION, session);
  const visits = visitsOf(session);
  const unfired = unfiredOf(session);
  if (visits < 1 || unfired < 0 || unfired > visits) {
    return FAULT_SESSION_COUNTS;
  }
  // Visits that are not unfired were part of a firing.
  const hasFired = revisionOf(session) >= 0;
  if (!hasFired && unfired !== visits) return FAULT_SESSION_COUNTS;
  if (idPartitionOf(session) < 0 || idOffsetOf(session) < 0) {
    return FAULT_SESSION_COUNTS;
  }
  if (!(endMsOf(session) - startMsOf(session) >= gapMs())) return FAULT_WINDOW;
  liveSessions++;
  allVisits += visits;
  allUnfired += unfired;
  if (isMixed(session)) allMixed++;
  const fault = verifyUser(session);
  if (fault !== FAULT_NONE) return fault;
  const swallowedFault = verifySwallowed(session);
  if (swallowedFault !== FAULT_NONE) return swallowedFault;
  const logFault = verifyLog(session);
  return logFault !== FAULT_NONE ? logFault : verifyLogged(session);
}

function verifyUser(session: usize): i32 {
  const block = userBlockOf(session);
  const fault = holdIfAny(block);
  if (fault !== FAULT_NONE) return fault;
  const length = userLengthOf(session);
  const room = userRoomOf(session);
  if (length < -1 || length > room) return FAULT_USER;
  return block !== 0 && room > bytesOf(block) ? FAULT_USER : FAULT_NONE;
}

function verifySwallowed(session: usize): i32 {
  let id = swallowedOf(session);
  while (id !== 0) {
    const fault = hold(id);
    if (fault !== FAULT_NONE) return fault;
    id = swallowedAfter(id);
  }
  // Only what had fired is noted, and then the session has its revision.
  const hasSwallowed = swallowedOf(session) !== 0;
  return hasSwallowed && revisionOf(session) < 0 ? FAULT_SWALLOWED : FAULT_NONE;
}

/** Walks the sessions that were merged into others. */
export function verifyEmpty(): i32 {
  let last: usize = 0;
  let session = firstEmpty();
  while (session !== 0) {
    const fault = hold(session);
    if (fault !== FAULT_NONE) return fault;
    if (emptyBefore(session) !== last) return FAULT_EMPTY_LIST;
    if (visitsOf(session) !== 0 || unfiredOf(session) !== 0) {
      return FAULT_EMPTY_LIST;
    }
    if (changedAt(session) !== 0) return FAULT_CHANGED;
    if (isLogged(session)) return FAULT_PUTS;
    const userFault = verifyUser(session);
    if (userFault !== FAULT_NONE) return userFault;
    mark(SESSION, session);
    emptySessions++;
    last = session;
    session = emptyAfter(session);
  }
  return FAULT_NONE;
}
