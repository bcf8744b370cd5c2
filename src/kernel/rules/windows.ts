import { intAt } from "../bytes/int_list.ts";
import {
  CLOSE_END_OF_INPUT,
  CLOSE_GAP,
  CLOSE_LATE_UPDATE,
  TURN_DONE,
  TURN_FIRED,
  TURN_LATE,
  TURN_SESSION_FULL,
} from "../codes.ts";
import { warmSlots } from "../index/cache_warmer.ts";
import {
  deadlineMsOf,
  gapMs,
  isGone,
  isRefireDear,
  setWatermark,
  watermarkMs,
} from "../index/deadlines.ts";
import { clearDue, renewDue, schedule } from "../index/due_sessions.ts";
import { sessionAt, slotCount } from "../index/key_table.ts";
import { insertSession, newestOf } from "../index/session_index.ts";
import {
  KEY_HASHES,
  OFFSETS,
  PARTITIONS,
  TIMESTAMPS_MS,
} from "../rows/columns.ts";
import { lookAtVisit } from "../rows/current_visit.ts";
import { noteChanged } from "../session/changes.ts";
import {
  endMsOf,
  idPartitionOf,
  olderOf,
  setEndMs,
  setId,
  setKeyHash,
  setStartMs,
  startMsOf,
  unfiredOf,
} from "../session/session.ts";
import { addVisit, newSession } from "../session/session_memory.ts";
import { countSession, countVisit, noteMixed } from "./counts.ts";
import { fire } from "./firing.ts";
import { forget } from "./forgetting.ts";
import { merge } from "./merging.ts";
import { arrangeRestored } from "./restored.ts";
import { hasRoom } from "./session_room.ts";

/*
 * The rules of session windows, on the visits in the rows of `columns.ts`: what
 * one visit does, and what is due with one session.
 */

/** Applies the visit of a row, or says why not: one of `TURN_...`. */
export function applyVisit(row: i32): i32 {
  lookAtVisit(row);
  const startMs = load<f64>(TIMESTAMPS_MS + ((<usize>row) << 3));
  const endMs = startMs + gapMs();
  let newer: usize = 0;
  let at = newestOf(intAt(KEY_HASHES, row));
  while (at !== 0 && startMsOf(at) > endMs) {
    newer = at;
    at = olderOf(at);
  }
  // Only the latest session that starts early enough can be touched, and with
  // it the one before: a session is no shorter than the visit's window.
  const isTouched = at !== 0 && endMsOf(at) >= startMs;
  if (!isTouched && isGone(endMs)) return TURN_LATE;
  const isBridge = isTouched && isBridged(at, startMs);
  if (!hasRoom(isTouched ? at : 0, isBridge ? olderOf(at) : 0)) {
    return TURN_SESSION_FULL;
  }
  // Then it has a deadline for its firing, which the visit can only put off.
  const isWaiting = isTouched && !isBridge && unfiredOf(at) > 0;
  let session = at;
  if (!isTouched) session = open(row, newer, at);
  else if (isBridge) {
    session = merge(olderOf(at), at);
    lookAtVisit(row);
  }
  if (intAt(PARTITIONS, row) !== idPartitionOf(session)) noteMixed(session);
  if (startMs < startMsOf(session)) setStartMs(session, startMs);
  if (endMs > endMsOf(session)) setEndMs(session, endMs);
  addVisit(session);
  countVisit();
  noteChanged(session);
  if (endMsOf(session) - 1 > watermarkMs() || isRefireDear(session)) {
    if (!isWaiting) schedule(session);
    return TURN_DONE;
  }
  fire(session, CLOSE_LATE_UPDATE);
  if (!isTouched) schedule(session);
  return TURN_FIRED;
}

/** Whether a visit also touches the session before the one that it touches. */
function isBridged(session: usize, startMs: f64): bool {
  const older = olderOf(session);
  return older !== 0 && endMsOf(older) >= startMs;
}

/** Opens a session between two others of its key, either of them 0. */
function open(row: i32, newer: usize, older: usize): usize {
  const session = newSession(0);
  const place = (<usize>row) << 3;
  const startMs = load<f64>(TIMESTAMPS_MS + place);
  setStartMs(session, startMs);
  setEndMs(session, startMs + gapMs());
  setKeyHash(session, intAt(KEY_HASHES, row));
  setId(session, intAt(PARTITIONS, row), load<f64>(OFFSETS + place));
  insertSession(session, newer, older);
  countSession();
  return session;
}

/** Moves the watermark; what is due is then to be settled. */
export function beginStep(ms: f64): void {
  setWatermark(ms);
  renewDue();
}

/**
 * Does what is due with a session: `TURN_DONE` or `TURN_FIRED`. However far the
 * watermark is, a session is forgotten at its last deadline and not before: the
 * wheel may have void entries for it up to there.
 */
export function settle(session: usize): i32 {
  const dueMs = deadlineMsOf(session);
  const isFiring = unfiredOf(session) > 0;
  if (isFiring) fire(session, closeReasonOf(session));
  if (deadlineMsOf(session) > dueMs) {
    if (isFiring) noteChanged(session);
    schedule(session);
  } else forget(session);
  return isFiring ? TURN_FIRED : TURN_DONE;
}

function closeReasonOf(session: usize): i32 {
  if (watermarkMs() === Infinity) return CLOSE_END_OF_INPUT;
  // It holds late visits for which it did not fire when they came.
  return isRefireDear(session) ? CLOSE_LATE_UPDATE : CLOSE_GAP;
}

/**
 * Takes the watermark to `ms`, even back: what sessions wait for is set anew.
 * Restored sessions take their places.
 */
export function restart(ms: f64): void {
  arrangeRestored();
  setWatermark(ms);
  // Restored sessions may be due already.
  firstDeadlineMs = ms;
  eachSession(noteDeadline);
  clearDue(firstDeadlineMs);
  eachSession(schedule);
}

let firstDeadlineMs: f64 = 0;

function noteDeadline(session: usize): void {
  firstDeadlineMs = min(firstDeadlineMs, deadlineMsOf(session));
}

function eachSession(take: (session: usize) => void): void {
  for (let slot = 0; slot < slotCount(); slot++) {
    warmSlots(slot);
    for (let at = sessionAt(slot); at !== 0; at = olderOf(at)) take(at);
  }
}
