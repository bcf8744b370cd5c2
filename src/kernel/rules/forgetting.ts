import { clearDue } from "../index/due_sessions.ts";
import { sessionAt, slotCount } from "../index/key_table.ts";
import { removeSession } from "../index/session_index.ts";
import { allocate, free } from "../memory/arena.ts";
import {
  clearChanges,
  leaveOut,
  leaveOutGone,
  noteGone,
} from "../session/changes.ts";
import { idPartitionOf, olderOf } from "../session/session.ts";
import { freeSession } from "../session/session_memory.ts";
import { countForgotten } from "./counts.ts";

/** Forgets a session, and all that it holds. */
export function forget(session: usize): void {
  noteGone(session);
  release(session);
}

/** Forgets a session that the window log may keep. */
export function drop(session: usize): void {
  leaveOut(session);
  release(session);
}

function release(session: usize): void {
  countForgotten(session);
  removeSession(session);
  freeSession(session);
}

/** A byte for each partition, and how many, while some are dropped. */
let marks: usize = 0;
let markCount: i32 = 0;

/**
 * Begins to forget partitions: returns where a byte for each of so many is to be
 * set to 1 for those to be dropped; `dropMarked` then does it.
 */
export function dropMarks(partitions: i32): usize {
  markCount = partitions;
  marks = allocate(partitions);
  memory.fill(marks, 0, partitions);
  return marks;
}

/** Forgets the sessions whose id is of a partition that is marked. */
export function dropMarked(): void {
  let slot = 0;
  while (slot < slotCount()) {
    const slots = slotCount();
    const isDropped = dropFirst(slot);
    // The slot may hold another key now, and all do in a table of another size.
    if (!isDropped) slot++;
    else if (slotCount() !== slots) slot = 0;
  }
  leaveOutGone(isMarked);
  free(marks);
}

/** Forgets all windows and deadlines. */
export function clearStore(): void {
  for (let slot = 0; slot < slotCount(); slot++) {
    // Dropping the last of a key moves others into the slot; a table of another
    // size has all of them elsewhere.
    while (sessionAt(slot) !== 0) {
      const slots = slotCount();
      drop(sessionAt(slot));
      if (slotCount() !== slots) slot = 0;
    }
  }
  clearChanges();
  clearDue(-Infinity);
}

/** Forgets the first such session of a slot; false when there is none. */
function dropFirst(slot: i32): bool {
  let session = sessionAt(slot);
  while (session !== 0 && !isMarked(idPartitionOf(session))) {
    session = olderOf(session);
  }
  if (session === 0) return false;
  drop(session);
  return true;
}

function isMarked(partition: i32): bool {
  return partition < markCount && load<u8>(marks + partition) === 1;
}
