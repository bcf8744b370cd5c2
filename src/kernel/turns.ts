import { TURN_BUSY, TURN_DONE, TURN_FIRED, TURN_FULL, VISIT } from "./codes.ts";
import { WARM_VISITS, warmVisits } from "./index/cache_warmer.ts";
import { isWheelBusy } from "./index/deadline_wheel.ts";
import { setWatermark, setWindow, watermarkMs } from "./index/deadlines.ts";
import { nextDue } from "./index/due_sessions.ts";
import { createTable } from "./index/key_table.ts";
import {
  areBatchesFull,
  hasBatches,
  SESSION_BATCHES,
} from "./output/partition_batches.ts";
import { appendFired } from "./output/session_record.ts";
import { OUTCOMES } from "./rows/columns.ts";
import { setSessionBytes } from "./rules/session_room.ts";
import { applyVisit, settle } from "./rules/windows.ts";
import { setPageOrder } from "./text/page_writer.ts";
import {
  createTextRoom,
  hasContext,
  releaseRoom,
} from "./text/session_writer.ts";

/*
 * The calls that make the windows go on: each until there is something that
 * only TypeScript can put out, and says what. A session that has fired goes to
 * its batch here, so that neither the rules nor the output know the other.
 */

let nextRow: i32 = 0;

/**
 * Makes an empty store of windows with this gap and allowed lateness, in ms, the
 * bounds on a session that `codes.ts` names, and one of its orders of pages.
 */
export function createStore(
  gap: f64,
  lateness: f64,
  refireBytes: f64,
  sessionBytes: f64,
  pageOrder: i32,
): void {
  setWindow(gap, lateness, refireBytes);
  setSessionBytes(sessionBytes);
  setPageOrder(pageOrder);
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
    const done = putOut(applyVisit(row));
    if (done === TURN_DONE) continue;
    nextRow = row + 1;
    return done;
  }
  nextRow = end;
  return TURN_DONE;
}

/** The row behind the last one that was applied. */
export function rowAfter(): i32 {
  return nextRow;
}

/** Does what is due until there is something to put out: that, `TURN_BUSY` or `TURN_DONE`. */
export function advance(): i32 {
  releaseRoom();
  while (true) {
    const session = nextDue(watermarkMs());
    if (session === 0) return isWheelBusy() ? TURN_BUSY : TURN_DONE;
    const done = putOut(settle(session));
    if (done !== TURN_DONE) return done;
  }
}

/** Takes the session that was fired, if one was, to its batch if it can. */
function putOut(done: i32): i32 {
  if (done !== TURN_FIRED) return done;
  const isInBatch = hasBatches(SESSION_BATCHES) && hasContext();
  if (!isInBatch || !appendFired()) return TURN_FIRED;
  return areBatchesFull(SESSION_BATCHES) ? TURN_FULL : TURN_DONE;
}
