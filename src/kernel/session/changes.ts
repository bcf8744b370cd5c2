import {
  addItem,
  clearItems,
  GROWING_LIST_BYTES,
  itemsOf,
  lengthOf,
  setLength,
} from "../memory/growing_list.ts";
import { changedAt, forgetPlace, isLogged, setChangedAt } from "./logged.ts";
import { removePut } from "./put_list.ts";
import { idOffsetOf, keyHashOf, markedPartitionOf } from "./session.ts";

/*
 * What is to be written into the window log: a list of the sessions that have
 * changed, each once, and one of those that are gone and that the log has.
 * Nothing is noted unless changes are kept.
 */

/** 1 when changes are kept. */
const IS_KEPT: usize = memory.data(4, 16);

/** Changed sessions, 0 for one that is gone. */
const CHANGED: usize = memory.data(GROWING_LIST_BYTES, 16);
const CHANGED_BYTES: i32 = 4;

/** What the log must be told of a session that is gone. */
const GONE: usize = memory.data(GROWING_LIST_BYTES, 16);
export const GONE_HASH: usize = 0;
export const GONE_PARTITION: usize = 4;
export const GONE_OFFSET: usize = 8;
const GONE_BYTES: i32 = 16;

/** Items that empty lists may keep. */
const KEPT_ITEMS: i32 = 64 * 1024;

/** Begins to note changes. */
export function keepChanges(): void {
  store<i32>(IS_KEPT, 1);
}

export function areChangesKept(): bool {
  return load<i32>(IS_KEPT) === 1;
}

/** Takes note that a session is not any more what the log has of it. */
export function noteChanged(session: usize): void {
  if (!areChangesKept() || changedAt(session) !== 0) return;
  const item = addItem(CHANGED, CHANGED_BYTES);
  store<usize>(item, session);
  setChangedAt(session, lengthOf(CHANGED));
}

/** Takes note that a session is to be put whole. */
export function notePutDue(session: usize): void {
  if (!areChangesKept()) return;
  forgetPlace(session);
  noteChanged(session);
}

/** Takes note that a session is gone; what it holds must still be there. */
export function noteGone(session: usize): void {
  if (!areChangesKept()) return;
  if (isLogged(session)) {
    const item = addItem(GONE, GONE_BYTES);
    store<i32>(item, keyHashOf(session), GONE_HASH);
    store<i32>(item, markedPartitionOf(session), GONE_PARTITION);
    store<f64>(item, idOffsetOf(session), GONE_OFFSET);
  }
  leaveOut(session);
}

/** Takes a session out of all lists: the log is told nothing more of it. */
export function leaveOut(session: usize): void {
  const place = changedAt(session);
  if (place !== 0) {
    store<usize>(itemsOf(CHANGED) + ((<usize>(place - 1)) << 2), 0);
    setChangedAt(session, 0);
  }
  if (isLogged(session)) removePut(session);
}

/** How many sessions are changed, with those that are gone since. */
export function changedCount(): i32 {
  return lengthOf(CHANGED);
}

/** One of them, or 0. */
export function changedSession(index: i32): usize {
  return load<usize>(itemsOf(CHANGED) + ((<usize>index) << 2));
}

/** Takes note that the log has all of a changed session. */
export function noteWritten(index: i32): void {
  const item = itemsOf(CHANGED) + ((<usize>index) << 2);
  setChangedAt(load<usize>(item), 0);
  store<usize>(item, 0);
}

/** How many are gone that the log has. */
export function goneCount(): i32 {
  return lengthOf(GONE);
}

/** What is to be said of one of them. */
export function goneAt(index: i32): usize {
  return itemsOf(GONE) + <usize>(index * GONE_BYTES);
}

/** Empties both lists, when all of it is written. */
export function clearChanges(): void {
  clearItems(CHANGED, KEPT_ITEMS);
  clearItems(GONE, KEPT_ITEMS);
}

/** Says nothing any more of those that are gone and of some partitions. */
export function leaveOutGone(isLeft: (partition: i32) => bool): void {
  let kept = 0;
  for (let index = 0; index < goneCount(); index++) {
    const item = goneAt(index);
    const marked = load<i32>(item, GONE_PARTITION);
    if (isLeft(marked < 0 ? ~marked : marked)) continue;
    memory.copy(goneAt(kept++), item, GONE_BYTES);
  }
  setLength(GONE, kept);
}

/** The blocks of the lists, or 0. */
export function changedBlock(): usize {
  return itemsOf(CHANGED);
}
export function goneBlock(): usize {
  return itemsOf(GONE);
}
