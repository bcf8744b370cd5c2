import { intAt } from "../int_list.ts";
import {
  KEY_HASHES,
  OFFSETS,
  OUTCOMES,
  PARTITIONS,
  TIMESTAMPS_MS,
  VISIT,
} from "../layout.ts";
import { areBatchesFull, hasBatches } from "../output/partition_batches.ts";
import { appendFired } from "../output/session_record.ts";
import { WARM_VISITS, warmVisits } from "./cache_warmer.ts";
import { countMerged, countSession, countVisit } from "./counts.ts";
import { lookAtVisit } from "./current_visit.ts";
import { isWheelBusy } from "./deadline_wheel.ts";
import {
  deadlineMsOf,
  gapMs,
  isGone,
  setWatermark,
  setWindow,
  watermarkMs,
} from "./deadlines.ts";
import { clearDue, nextDue, renewDue, schedule } from "./due_sessions.ts";
import { keepEmpty } from "./empty_sessions.ts";
import { END_OF_INPUT, fire, GAP, LATE_UPDATE } from "./fired.ts";
import { forget } from "./forgetting.ts";
import { createTable, sessionAt, slotCount } from "./key_table.ts";
import {
  endMsOf,
  olderOf,
  setEndMs,
  setId,
  setKeyHash,
  setStartMs,
  startMsOf,
  unfiredOf,
} from "./session.ts";
import { insertSession, newestOf, removeSession } from "./session_index.ts";
import { addVisit, newSession, swallow } from "./session_memory.ts";
import { createTextRoom, hasContext, releaseRoom } from "./session_writer.ts";

/*
 * The rules of session windows, on the visits in the rows of `layout.ts`. Each
 * call goes on until there is something to put out, and says what.
 */

/** Nothing is left to do. */
export const DONE: i32 = 0;
/** The visit of the last row that was looked at is late. */
export const LATE: i32 = 1;
/** A session was fired: see `fired.ts`. */
export const FIRED_ONE: i32 = 2;
/** There is more to do, but others should get their turn before. */
export const BUSY: i32 = 3;
/** A session was fired and is in its batch; the batches are full now. */
export const FULL: i32 = 4;

let nextRow: i32 = 0;

/** Makes an empty store of windows with this gap and allowed lateness, in ms. */
export function createStore(gap: f64, lateness: f64): void {
  setWindow(gap, lateness);
  setWatermark(-Infinity);
  createTable();
  createTextRoom();
}

/** Applies the visits of the rows `[from, end)`, up to `rowAfter`. */
export function applyVisits(from: i32, end: i32): i32 {
  releaseRoom();
  for (let row = from; row < end; row++) {
    if (row % WARM_VISITS === 0) warmVisits(row, min(end, row + WARM_VISITS));
    if (load<u8>(OUTCOMES + row) !== VISIT) continue;
    const done = apply(row);
    if (done === DONE) continue;
    nextRow = row + 1;
    return done;
  }
  nextRow = end;
  return DONE;
}

/** The row behind the last one that was applied. */
export function rowAfter(): i32 {
  return nextRow;
}

/** Applies one visit: `DONE`, or what there is to put out. */
function apply(row: i32): i32 {
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
  if (!isTouched && isGone(endMs)) return LATE;
  const isBridge = isTouched && isBridged(at, startMs);
  // Then it has a deadline for its firing, which the visit can only put off.
  const isWaiting = isTouched && !isBridge && unfiredOf(at) > 0;
  let session = at;
  if (!isTouched) session = open(row, newer, at);
  else if (isBridge) session = merge(olderOf(at), at, row);
  if (startMs < startMsOf(session)) setStartMs(session, startMs);
  if (endMs > endMsOf(session)) setEndMs(session, endMs);
  addVisit(session);
  countVisit();
  if (endMsOf(session) - 1 > watermarkMs()) {
    if (!isWaiting) schedule(session);
    return DONE;
  }
  fire(session, LATE_UPDATE);
  if (!isTouched) schedule(session);
  return putOut();
}

/** Takes the session that was fired to its batch, if it can. */
function putOut(): i32 {
  if (!hasBatches() || !hasContext() || !appendFired()) return FIRED_ONE;
  return areBatchesFull() ? FULL : DONE;
}

/** Whether a visit also touches the session before the one that it touches. */
function isBridged(session: usize, startMs: f64): bool {
  const older = olderOf(session);
  return older !== 0 && endMsOf(older) >= startMs;
}

/** Opens a session between two others of its key, either of them 0. */
function open(row: i32, newer: usize, older: usize): usize {
  const session = newSession();
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

/** Merges two sessions of a key into the earlier one. */
function merge(earlier: usize, later: usize, row: i32): usize {
  removeSession(later);
  swallow(earlier, later, row);
  keepEmpty(later);
  countMerged();
  return earlier;
}

/** Moves the watermark; `advance` then does what is due. */
export function beginStep(ms: f64): void {
  setWatermark(ms);
  renewDue();
}

/** Does what is due until there is something to put out: that, `BUSY` or `DONE`. */
export function advance(): i32 {
  releaseRoom();
  while (true) {
    const session = nextDue(watermarkMs());
    if (session === 0) return isWheelBusy() ? BUSY : DONE;
    const done = settle(session);
    if (done !== DONE) return done;
  }
}

/**
 * Does what is due with a session: `DONE`, or what there is to put out. However
 * far the watermark is, a session is forgotten at its last deadline and not
 * before: the wheel may have void entries for it up to there.
 */
function settle(session: usize): i32 {
  const dueMs = deadlineMsOf(session);
  const isFiring = unfiredOf(session) > 0;
  if (isFiring) fire(session, watermarkMs() === Infinity ? END_OF_INPUT : GAP);
  if (deadlineMsOf(session) > dueMs) schedule(session);
  else forget(session);
  return isFiring ? putOut() : DONE;
}

/** Takes the watermark to `ms`, even back: what sessions wait for is set anew. */
export function restart(ms: f64): void {
  clearDue();
  setWatermark(ms);
  for (let slot = 0; slot < slotCount(); slot++) {
    let session = sessionAt(slot);
    while (session !== 0) {
      schedule(session);
      session = olderOf(session);
    }
  }
}
