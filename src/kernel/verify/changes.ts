import { firstPieces, piecesAfter } from "../delta/message_pieces.ts";
import { restoreBlock } from "../delta/restore_records.ts";
import {
  areChangesKept,
  changedBlock,
  changedCount,
  changedSession,
  goneBlock,
} from "../session/changes.ts";
import {
  changedAt,
  isLogged,
  isToBePut,
  loggedBytesOf,
  loggedVisitsOf,
  newerPutOf,
  olderPutOf,
  putCommitOf,
  unloggedOf,
} from "../session/logged.ts";
import {
  liveBytesOf,
  newestPutOf,
  oldestPutOf,
  putPartitions,
  putPartitionsBlock,
} from "../session/put_list.ts";
import { idPartitionOf, visitsOf } from "../session/session.ts";
import { hold, holdIfAny } from "./blocks.ts";
import {
  FAULT_CHANGED,
  FAULT_LOGGED,
  FAULT_NONE,
  FAULT_PUTS,
} from "./faults.ts";
import { isMarked, SESSION } from "./marks.ts";

/*
 * Whether what is noted for the window log is right: each session is as the log
 * has it, or in the list of those that are changed.
 */

/** Sessions that say that they are changed, or in the log. */
let changedSessions: i32 = 0;
let loggedSessions: i32 = 0;

/** Begins to count anew. */
export function clearNoted(): void {
  changedSessions = 0;
  loggedSessions = 0;
}

/** Looks at what a session that has visits says of the log. */
export function verifyLogged(session: usize): i32 {
  const isChanged = changedAt(session) !== 0;
  if (isChanged) changedSessions++;
  if (isLogged(session)) loggedSessions++;
  if (!areChangesKept() || isChanged) return FAULT_NONE;
  const isAllLogged =
    loggedVisitsOf(session) === visitsOf(session) && unloggedOf(session) === 0;
  const isKnown = isLogged(session) && !isToBePut(session) && isAllLogged;
  return isKnown ? FAULT_NONE : FAULT_LOGGED;
}

/** Walks the lists; the sessions must be marked. */
export function verifyChanges(): i32 {
  const fault = verifyBlocks();
  if (fault !== FAULT_NONE) return fault;
  let listed = 0;
  for (let index = 0; index < changedCount(); index++) {
    const session = changedSession(index);
    if (session === 0) continue;
    if (!isMarked(SESSION, session) || visitsOf(session) === 0) {
      return FAULT_CHANGED;
    }
    if (changedAt(session) !== index + 1) return FAULT_CHANGED;
    listed++;
  }
  return listed === changedSessions ? verifyPuts() : FAULT_CHANGED;
}

function verifyPuts(): i32 {
  let listed = 0;
  for (let partition = 0; partition < putPartitions(); partition++) {
    let bytes: f64 = 0;
    let last: usize = 0;
    let session = oldestPutOf(partition);
    while (session !== 0) {
      if (++listed > loggedSessions) return FAULT_PUTS;
      if (!isMarked(SESSION, session)) return FAULT_PUTS;
      if (idPartitionOf(session) !== partition) return FAULT_PUTS;
      if (!isLogged(session) || olderPutOf(session) !== last) return FAULT_PUTS;
      if (last !== 0 && putCommitOf(session) < putCommitOf(last)) {
        return FAULT_PUTS;
      }
      bytes += <f64>loggedBytesOf(session);
      last = session;
      session = newerPutOf(session);
    }
    if (newestPutOf(partition) !== last) return FAULT_PUTS;
    if (bytes !== liveBytesOf(partition)) return FAULT_PUTS;
  }
  return listed === loggedSessions ? FAULT_NONE : FAULT_PUTS;
}

function verifyBlocks(): i32 {
  let fault = holdIfAny(changedBlock());
  if (fault === FAULT_NONE) fault = holdIfAny(goneBlock());
  if (fault === FAULT_NONE) fault = holdIfAny(putPartitionsBlock());
  if (fault === FAULT_NONE) fault = holdIfAny(restoreBlock());
  let pieces = firstPieces();
  while (fault === FAULT_NONE && pieces !== 0) {
    fault = hold(pieces);
    pieces = piecesAfter(pieces);
  }
  return fault;
}
