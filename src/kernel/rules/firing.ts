import {
  FIRED_CLOSE_REASON,
  FIRED_END_MS,
  FIRED_FINAL,
  FIRED_ID_OFFSET,
  FIRED_ID_PARTITION,
  FIRED_KEY,
  FIRED_KEY_HASH,
  FIRED_KEY_LENGTH,
  FIRED_NEW_VISITS,
  FIRED_REVISION,
  FIRED_SWALLOWED,
  FIRED_SWALLOWED_IDS,
  FIRED_VALUE,
  FIRED_VALUE_LENGTH,
  FIRED_VISITS,
} from "../codes.ts";
import { isGone } from "../index/deadlines.ts";
import {
  endMsOf,
  idOffsetOf,
  idPartitionOf,
  keyHashOf,
  keyLengthOf,
  revisionOf,
  setRevision,
  setUnfired,
  unfiredOf,
  visitsOf,
} from "../session/session.ts";
import { listedIds, listSwallowed } from "../session/swallowed.ts";
import { setFired } from "../text/fired.ts";
import { keyInText, textStart, writeSession } from "../text/session_writer.ts";
import { countFired } from "./counts.ts";

/** Fires a session: writes it, and tells of it in `FIRED`. */
export function fire(session: usize, closeReason: i32): void {
  const revision = revisionOf(session) + 1;
  countFired(session, revision, closeReason);
  setRevision(session, revision);
  setFired(FIRED_VALUE_LENGTH, <f64>writeSession(session));
  setFired(FIRED_VALUE, <f64>textStart());
  setFired(FIRED_KEY, <f64>keyInText());
  setFired(FIRED_KEY_LENGTH, <f64>keyLengthOf(session));
  setFired(FIRED_KEY_HASH, <f64>keyHashOf(session));
  setFired(FIRED_ID_PARTITION, <f64>idPartitionOf(session));
  setFired(FIRED_ID_OFFSET, idOffsetOf(session));
  setFired(FIRED_REVISION, <f64>revision);
  setFired(FIRED_FINAL, isGone(endMsOf(session)) ? 1 : 0);
  setFired(FIRED_END_MS, endMsOf(session));
  setFired(FIRED_VISITS, <f64>visitsOf(session));
  setFired(FIRED_NEW_VISITS, <f64>unfiredOf(session));
  setFired(FIRED_SWALLOWED, <f64>listSwallowed(session));
  setFired(FIRED_SWALLOWED_IDS, <f64>listedIds());
  setFired(FIRED_CLOSE_REASON, <f64>closeReason);
  setUnfired(session, 0);
}
