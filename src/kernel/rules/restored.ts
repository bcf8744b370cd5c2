import { warmSlots } from "../index/cache_warmer.ts";
import { sessionAt, setSessionAt, slotCount } from "../index/key_table.ts";
import { insertSession, newestOf } from "../index/session_index.ts";
import { lookAtUser } from "../rows/current_visit.ts";
import {
  endMsOf,
  idOffsetOf,
  idPartitionOf,
  keyHashOf,
  olderOf,
  revisionOf,
  setEndMs,
  setOlder,
  setUnfired,
  setUser,
  startMsOf,
  unfiredOf,
  userLengthOf,
  userOf,
  visitsOf,
} from "../session/session.ts";
import { countRestored, countUnfired } from "./counts.ts";
import { merge } from "./merging.ts";

/*
 * Sessions that come back from the window log. Until all are here, those of a key
 * are in the order in which they came; then they take their places, and those that
 * touch are merged: they were open in two processes.
 */

/** 1 while there are some that have not taken their places. */
const ARE_RESTORED: usize = memory.data(4, 16);

/** Takes a session in, whose key is that of the current visit. */
export function insertRestored(session: usize): void {
  insertSession(session, 0, newestOf(keyHashOf(session)));
  countRestored(session);
  store<i32>(ARE_RESTORED, 1);
}

/** Brings them into order, and merges those that touch. */
export function arrangeRestored(): void {
  if (load<i32>(ARE_RESTORED) === 0) return;
  store<i32>(ARE_RESTORED, 0);
  for (let slot = 0; slot < slotCount(); slot++) {
    warmSlots(slot);
    if (isInOrder(slot)) continue;
    sort(slot);
    while (mergeTouching(slot)) {}
  }
}

/** Whether the sessions of a slot are latest first, and none touch. */
function isInOrder(slot: i32): bool {
  let newer = sessionAt(slot);
  if (newer === 0) return true;
  for (let at = olderOf(newer); at !== 0; at = olderOf(at)) {
    if (endMsOf(at) >= startMsOf(newer)) return false;
    newer = at;
  }
  return true;
}

/** Brings the sessions of a slot into order, those that came first at first. */
function sort(slot: i32): void {
  let rest = reversed(sessionAt(slot));
  let newest: usize = 0;
  while (rest !== 0) {
    const session = rest;
    rest = olderOf(session);
    let newer: usize = 0;
    let older = newest;
    while (older !== 0 && isLater(older, session)) {
      newer = older;
      older = olderOf(older);
    }
    setOlder(session, older);
    if (newer === 0) newest = session;
    else setOlder(newer, session);
  }
  setSessionAt(slot, newest);
}

function reversed(first: usize): usize {
  let done: usize = 0;
  let rest = first;
  while (rest !== 0) {
    const session = rest;
    rest = olderOf(session);
    setOlder(session, done);
    done = session;
  }
  return done;
}

/** Whether one starts behind another; of equals the id decides. */
function isLater(a: usize, b: usize): bool {
  if (startMsOf(a) !== startMsOf(b)) return startMsOf(a) > startMsOf(b);
  if (idPartitionOf(a) !== idPartitionOf(b)) {
    return idPartitionOf(a) > idPartitionOf(b);
  }
  return idOffsetOf(a) > idOffsetOf(b);
}

/** Merges what touches its neighbour; false when there was nothing to do. */
function mergeTouching(slot: i32): bool {
  let isMerged = false;
  let later = sessionAt(slot);
  while (later !== 0) {
    const earlier = olderOf(later);
    if (earlier !== 0 && endMsOf(earlier) >= startMsOf(later)) {
      mergeRestored(earlier, later);
      isMerged = true;
    }
    later = earlier;
  }
  return isMerged;
}

/** The user of the later one is the last that is known of. */
function mergeRestored(earlier: usize, later: usize): void {
  const endMs = max(endMsOf(earlier), endMsOf(later));
  const laterVisits = visitsOf(later);
  const hasFired = revisionOf(earlier) >= 0 && revisionOf(later) >= 0;
  lookAtUser(userOf(later), userLengthOf(later));
  setUser(earlier);
  merge(earlier, later);
  setEndMs(earlier, endMs);
  if (!hasFired || unfiredOf(earlier) > 0) return;
  // Two that have fired fire as one: no firing of the earlier one has held them.
  setUnfired(earlier, laterVisits);
  countUnfired(laterVisits);
}
