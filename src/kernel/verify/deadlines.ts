import {
  busyEnd,
  busyFrom,
  busyList,
  countAt,
  isWheelBusy,
  LEVELS,
  lastTicket,
  listAt,
  SLOT_BITS,
  SLOTS,
  secondOf,
  wheelSecond,
} from "../index/deadline_wheel.ts";
import { deadlineMsOf } from "../index/deadlines.ts";
import { DUE, dueTaken } from "../index/due_sessions.ts";
import { entryValueOf, sessionOf } from "../index/entry_list.ts";
import { itemsOf, lengthOf } from "../memory/growing_list.ts";
import { ticketOf } from "../session/session.ts";
import { holdIfAny } from "./blocks.ts";
import {
  FAULT_ENTRY_MISSING,
  FAULT_ENTRY_TOO_LATE,
  FAULT_ENTRY_TWICE,
  FAULT_ENTRY_WITHOUT_SESSION,
  FAULT_NONE,
  FAULT_WHEEL,
} from "./faults.ts";
import { isMarked, mark, QUEUED, SESSION } from "./marks.ts";
import { emptySessions, liveSessions } from "./sessions.ts";

/*
 * Whether each session comes up once: it has one valid entry in the wheel, not
 * behind its deadline, or it is due.
 */

let queued: i32 = 0;

/** Walks all entries; the sessions must be marked. */
export function verifyDeadlines(): i32 {
  queued = 0;
  for (let level = 0; level < LEVELS; level++) {
    const fault = verifyLevel(level);
    if (fault !== FAULT_NONE) return fault;
  }
  const dueFault = verifyDue();
  if (dueFault !== FAULT_NONE) return dueFault;
  return queued === liveSessions + emptySessions
    ? FAULT_NONE
    : FAULT_ENTRY_MISSING;
}

function verifyLevel(level: i32): i32 {
  const now = wheelSecond() >> (SLOT_BITS * level);
  let entries = 0;
  for (let digit = 0; digit < SLOTS; digit++) {
    const list = listAt(level * SLOTS + digit);
    const heldFault = holdIfAny(itemsOf(list));
    if (heldFault !== FAULT_NONE) return heldFault;
    const ordinal = ((now >> SLOT_BITS) << SLOT_BITS) | <i64>digit;
    const isAmid = isWheelBusy() && list === busyList();
    const length = lengthOf(list);
    if (length > 0 && ordinal < now) return FAULT_WHEEL;
    if (isAmid && length > busyFrom()) return FAULT_WHEEL;
    const startS = ordinal << (SLOT_BITS * level);
    const fault = verifyEntries(list, 0, length, startS);
    if (fault !== FAULT_NONE) return fault;
    entries += length;
    if (!isAmid) continue;
    const amidFault = verifyEntries(list, busyFrom(), busyEnd(), startS);
    if (amidFault !== FAULT_NONE) return amidFault;
  }
  return entries === countAt(level) ? FAULT_NONE : FAULT_WHEEL;
}

/** Entries `[from, end)` of the slot that begins with a second. */
function verifyEntries(list: usize, from: i32, end: i32, startS: i64): i32 {
  for (let index = from; index < end; index++) {
    const session = sessionOf(list, index);
    const ticket = entryValueOf(list, index);
    if (!isMarked(SESSION, session)) return FAULT_ENTRY_WITHOUT_SESSION;
    if (ticket > lastTicket()) return FAULT_WHEEL;
    if (ticket !== ticketOf(session)) continue;
    if (!mark(QUEUED, session)) return FAULT_ENTRY_TWICE;
    queued++;
    if (startS > secondOf(deadlineMsOf(session))) return FAULT_ENTRY_TOO_LATE;
  }
  return FAULT_NONE;
}

/** The sessions that are due and not taken yet. */
function verifyDue(): i32 {
  const heldFault = holdIfAny(itemsOf(DUE));
  if (heldFault !== FAULT_NONE) return heldFault;
  for (let index = dueTaken(); index < lengthOf(DUE); index++) {
    const session = sessionOf(DUE, index);
    if (!isMarked(SESSION, session)) return FAULT_ENTRY_WITHOUT_SESSION;
    if (!mark(QUEUED, session)) return FAULT_ENTRY_TWICE;
    queued++;
  }
  return FAULT_NONE;
}
