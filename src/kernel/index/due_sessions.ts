import { setIntAt } from "../bytes/int_list.ts";
import { GROWING_LIST_BYTES, lengthOf } from "../memory/growing_list.ts";
import { setTicket, visitsOf } from "../session/session.ts";
import { warmSessions } from "./cache_warmer.ts";
import {
  addDeadline,
  clearWheel,
  isWheelBusy,
  listAt,
  renewWheel,
  SLOTS,
  secondOf,
  takeDue,
  wheelSecond,
} from "./deadline_wheel.ts";
import { deadlineMsOf, deadlineOfEntry, VOID } from "./deadlines.ts";
import { dropAllEmpty, dropEmpty } from "./empty_sessions.ts";
import { clearList, entryValueOf, sessionOf } from "./entry_list.ts";

/** Sessions that are looked at together before they fire. */
const WARM_SESSIONS: i32 = 32;
const WARMED: usize = memory.data(4 * WARM_SESSIONS, 16);
/** All that is due before this second has been looked at. */
const WARM_END_S: usize = memory.data(8, 16);

/** Deadlines that are looked at in one go: some 10 ms of work. */
const LOOKS: i32 = 64 * 1024;

/** Sessions of one second whose deadline has come, and how many were taken. */
export const DUE: usize = memory.data(GROWING_LIST_BYTES, 16);
const TAKEN: usize = memory.data(4, 16);

/** Sets the deadline of a session; an earlier one is void from now on. */
export function schedule(session: usize): void {
  setTicket(session, addDeadline(session, deadlineMsOf(session)));
}

/** Begins a stretch of work, after which the wheel is busy at the latest. */
export function renewDue(): void {
  renewWheel(LOOKS);
}

/**
 * The next session whose deadline is at or before `untilMs`, or 0: then there
 * may be more if the wheel is busy, but others should get their turn before.
 */
export function nextDue(untilMs: f64): usize {
  while (true) {
    // While the wheel is busy the list is not complete.
    while (!isWheelBusy() && load<i32>(TAKEN) < lengthOf(DUE)) {
      const taken = load<i32>(TAKEN);
      if (taken % WARM_SESSIONS === 0) warmDue(taken, untilMs);
      store<i32>(TAKEN, taken + 1);
      const session = sessionOf(DUE, taken);
      if (visitsOf(session) > 0) return session;
      dropEmpty(session);
    }
    store<i32>(TAKEN, 0);
    if (!takeDue(untilMs, DUE)) return 0;
  }
}

/** How many of them were taken; the others are still to be. */
export function dueTaken(): i32 {
  return load<i32>(TAKEN);
}

/**
 * Warms up for the sessions of the second from there on, and for those of the
 * next ones: a second has few, and their misses overlap when they are many.
 */
function warmDue(from: i32, untilMs: f64): void {
  if (from === 0 && wheelSecond() < load<i64>(WARM_END_S)) return;
  const end = min(lengthOf(DUE), from + WARM_SESSIONS);
  let count = 0;
  for (let index = from; index < end; index++) {
    setIntAt(WARMED, count++, <i32>sessionOf(DUE, index));
  }
  if (end === lengthOf(DUE)) count = addComing(count, secondOf(untilMs));
  warmSessions(WARMED, count);
}

/** Adds what is due in the next seconds up to one; returns how many there are. */
function addComing(length: i32, untilS: i64): i32 {
  let count = length;
  let second = wheelSecond() + 1;
  // The lowest level of the wheel has the seconds of the present turn alone.
  const lastS = min(untilS, wheelSecond() | (SLOTS - 1));
  while (second <= lastS && count < WARM_SESSIONS) {
    const slot = listAt(<i32>second & (SLOTS - 1));
    let index = 0;
    while (index < lengthOf(slot) && count < WARM_SESSIONS) {
      const session = sessionOf(slot, index);
      const deadlineMs = deadlineOfEntry(session, entryValueOf(slot, index));
      index++;
      if (deadlineMs === VOID || secondOf(deadlineMs) > second) continue;
      setIntAt(WARMED, count++, <i32>session);
    }
    if (index < lengthOf(slot)) break;
    second++;
  }
  store<i64>(WARM_END_S, second);
  return count;
}

/**
 * Forgets all deadlines, and frees the empty sessions. No deadline that is set
 * from here on comes before `fromMs`.
 */
export function clearDue(fromMs: f64): void {
  dropAllEmpty();
  clearWheel(fromMs);
  clearList(DUE);
  store<i32>(TAKEN, 0);
  store<i64>(WARM_END_S, 0);
}
