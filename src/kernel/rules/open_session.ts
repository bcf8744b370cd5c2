import {
  OPEN_BYTES,
  OPEN_END_MS,
  OPEN_FIRINGS,
  OPEN_ID_OFFSET,
  OPEN_ID_PARTITION,
  OPEN_KEY,
  OPEN_KEY_LENGTH,
  OPEN_LAST_VISIT_MS,
  OPEN_MIXED,
  OPEN_NUMBERS,
  OPEN_START_MS,
  OPEN_UNFIRED,
  OPEN_VISITS,
} from "../codes.ts";
import { gapMs } from "../index/deadlines.ts";
import { textBytesOf } from "../session/page_text.ts";
import {
  endMsOf,
  idOffsetOf,
  idPartitionOf,
  isMixed,
  keyLengthOf,
  keyOf,
  revisionOf,
  startMsOf,
  unfiredOf,
  visitsOf,
} from "../session/session.ts";

/*
 * Tells of a session as it is, and changes nothing of it.
 */

/** Numbers about a session, at the places that `codes.ts` names: doubles. */
export const OPEN: usize = memory.data(8 * OPEN_NUMBERS, 16);

/** Tells of a session in `OPEN`. */
export function tellOf(session: usize): void {
  tell(OPEN_KEY, <f64>keyOf(session));
  tell(OPEN_KEY_LENGTH, <f64>keyLengthOf(session));
  tell(OPEN_ID_PARTITION, <f64>idPartitionOf(session));
  tell(OPEN_ID_OFFSET, idOffsetOf(session));
  tell(OPEN_START_MS, startMsOf(session));
  tell(OPEN_END_MS, endMsOf(session));
  tell(OPEN_LAST_VISIT_MS, endMsOf(session) - gapMs());
  tell(OPEN_VISITS, <f64>visitsOf(session));
  tell(OPEN_UNFIRED, <f64>unfiredOf(session));
  tell(OPEN_BYTES, <f64>textBytesOf(session));
  tell(OPEN_FIRINGS, <f64>(revisionOf(session) + 1));
  tell(OPEN_MIXED, isMixed(session) ? 1 : 0);
}

function tell(place: i32, value: f64): void {
  store<f64>(OPEN + ((<usize>place) << 3), value);
}
