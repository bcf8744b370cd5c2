import { FAIL_KEY_NOT_IN_TABLE } from "../codes.ts";
import { fail } from "../memory/failure.ts";
import {
  hasKey,
  idOffsetOf,
  idPartitionOf,
  keyHashOf,
  olderOf,
  setOlder,
} from "../session/session.ts";
import {
  firstSlot,
  insertKey,
  NO_SLOT,
  nextSlot,
  removeSlot,
  sessionAt,
  setSessionAt,
} from "./key_table.ts";

/*
 * The sessions of each key, latest first:
 *
 *     key table --> newest --older--> session --older--> 0
 *
 * They neither overlap nor touch, so the order by start is the order by end.
 */

/** The latest session of the current visit's key, or 0. */
export function newestOf(keyHash: i32): usize {
  let slot = firstSlot(keyHash);
  while (slot !== NO_SLOT) {
    const session = sessionAt(slot);
    if (hasKey(session)) return session;
    slot = nextSlot(keyHash, slot);
  }
  return 0;
}

/** The session of that hash with an id, or 0. */
export function findById(keyHash: i32, partition: i32, offset: f64): usize {
  let slot = firstSlot(keyHash);
  while (slot !== NO_SLOT) {
    let session = sessionAt(slot);
    while (session !== 0) {
      const isOfOffset = idOffsetOf(session) === offset;
      if (isOfOffset && idPartitionOf(session) === partition) return session;
      session = olderOf(session);
    }
    slot = nextSlot(keyHash, slot);
  }
  return 0;
}

/** A session that probably is of that key, as the hash fits; or 0. */
export function guessNewest(keyHash: i32): usize {
  const slot = firstSlot(keyHash);
  return slot === NO_SLOT ? 0 : sessionAt(slot);
}

/** Puts a new session between two of the same key; either may be 0. */
export function insertSession(
  session: usize,
  newer: usize,
  older: usize,
): void {
  setOlder(session, older);
  const keyHash = keyHashOf(session);
  if (newer !== 0) setOlder(newer, session);
  else if (older === 0) insertKey(keyHash, session);
  else setSessionAt(slotOf(keyHash, older), session);
}

/** Takes a session out. */
export function removeSession(session: usize): void {
  const slot = slotOf(keyHashOf(session), session);
  const older = olderOf(session);
  let newer = sessionAt(slot);
  if (newer !== session) {
    while (olderOf(newer) !== session) newer = olderOf(newer);
    setOlder(newer, older);
  } else if (older !== 0) setSessionAt(slot, older);
  else removeSlot(slot);
}

/** The slot of the key that has a session. */
function slotOf(keyHash: i32, session: usize): i32 {
  let slot = firstSlot(keyHash);
  while (slot !== NO_SLOT) {
    let other = sessionAt(slot);
    while (other !== 0 && other !== session) other = olderOf(other);
    if (other === session) return slot;
    slot = nextSlot(keyHash, slot);
  }
  fail(FAIL_KEY_NOT_IN_TABLE);
  return NO_SLOT;
}
