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
import {
  CLOSE_REASON,
  END_MS,
  FINAL,
  ID_OFFSET,
  ID_PARTITION,
  KEY,
  KEY_HASH,
  KEY_LENGTH,
  NEW_VISITS,
  REVISION,
  SWALLOWED,
  SWALLOWED_IDS,
  setFired,
  VALUE,
  VALUE_LENGTH,
  VISITS,
} from "../text/fired.ts";
import { keyInText, textStart, writeSession } from "../text/session_writer.ts";
import { countFired } from "./counts.ts";

/** Fires a session: writes it, and tells of it in `FIRED`. */
export function fire(session: usize, closeReason: i32): void {
  const revision = revisionOf(session) + 1;
  countFired(session);
  setRevision(session, revision);
  setFired(VALUE_LENGTH, <f64>writeSession(session));
  setFired(VALUE, <f64>textStart());
  setFired(KEY, <f64>keyInText());
  setFired(KEY_LENGTH, <f64>keyLengthOf(session));
  setFired(KEY_HASH, <f64>keyHashOf(session));
  setFired(ID_PARTITION, <f64>idPartitionOf(session));
  setFired(ID_OFFSET, idOffsetOf(session));
  setFired(REVISION, <f64>revision);
  setFired(FINAL, isGone(endMsOf(session)) ? 1 : 0);
  setFired(END_MS, endMsOf(session));
  setFired(VISITS, <f64>visitsOf(session));
  setFired(NEW_VISITS, <f64>unfiredOf(session));
  setFired(SWALLOWED, <f64>listSwallowed(session));
  setFired(SWALLOWED_IDS, <f64>listedIds());
  setFired(CLOSE_REASON, <f64>closeReason);
  setUnfired(session, 0);
}
