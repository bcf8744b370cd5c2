import {
  createSession,
  endMsOf,
  freeBlock,
  revisionOf,
  setEndMs,
  setRevision,
  setUnfired,
  setUser,
  setVisits,
  unfiredOf,
  visitsOf,
} from "./session.ts";
import { freeSwallowed, noteSwallowed } from "./swallowed.ts";
import { freeChunks } from "./visit_chunks.ts";
import { appendVisit, startLog, swapLogs } from "./visit_log.ts";
import { forEachVisit } from "./visit_reader.ts";

/*
 * What a session is made of: its own block, and the chunks of its visits.
 */

/**
 * Makes a session for the current visit, without visits, with room for so many
 * bytes of them; its window is not set.
 */
export function newSession(logBytes: i32): usize {
  const session = createSession();
  startLog(session, logBytes);
  return session;
}

/** Adds the current visit; the window is not changed. */
export function addVisit(session: usize): void {
  appendVisit(session);
  setUser(session);
  setVisits(session, visitsOf(session) + 1);
  setUnfired(session, unfiredOf(session) + 1);
}

/**
 * Moves everything of a later session of the same key into an earlier one.
 * What is left of the later one is empty.
 */
export function swallow(earlier: usize, later: usize): void {
  noteSwallowed(earlier, later);
  setEndMs(earlier, endMsOf(later));
  setRevision(earlier, max(revisionOf(earlier), revisionOf(later)));
  // The longer log is the one that stays: so merging again and again costs no
  // more than n log n.
  if (visitsOf(later) > visitsOf(earlier)) swapLogs(earlier, later);
  forEachVisit(later, earlier, appendVisit);
  freeChunks(later);
  setVisits(earlier, visitsOf(earlier) + visitsOf(later));
  setUnfired(earlier, unfiredOf(earlier) + unfiredOf(later));
  setVisits(later, 0);
  setUnfired(later, 0);
}

/** Frees a session. */
export function freeSession(session: usize): void {
  freeChunks(session);
  freeSwallowed(session);
  freeBlock(session);
}
