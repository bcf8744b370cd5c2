import { GROWING_LIST_BYTES, lengthOf } from "../memory/growing_list.ts";
import { setTicket, visitsOf } from "../session/session.ts";
import { warmSessions } from "./cache_warmer.ts";
import {
  addDeadline,
  clearWheel,
  isWheelBusy,
  renewWheel,
  takeDue,
} from "./deadline_wheel.ts";
import { deadlineMsOf } from "./deadlines.ts";
import { dropAllEmpty, dropEmpty } from "./empty_sessions.ts";
import { clearList, sessionOf } from "./entry_list.ts";

/** Sessions that are looked at together before they fire. */
const WARM_SESSIONS: i32 = 32;

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
      if (taken % WARM_SESSIONS === 0) warmDue(taken);
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

function warmDue(from: i32): void {
  warmSessions(DUE, from, min(lengthOf(DUE), from + WARM_SESSIONS));
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
}
