import { countFired } from "./counts.ts";
import { isGone } from "./deadlines.ts";
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
} from "./session.ts";
import { keyInText, textStart, writeSession } from "./session_writer.ts";
import { listedIds, listSwallowed } from "./swallowed.ts";

/** Numbers about the last firing, at the places below: doubles. */
export const FIRED_NUMBERS: i32 = 14;
export const FIRED: usize = memory.data(8 * FIRED_NUMBERS, 16);

/** Where the JSON stands, and how long it is. */
const VALUE: usize = 0;
const VALUE_LENGTH: usize = 8;
/** Where the key stands in it. */
const KEY: usize = 16;
const KEY_LENGTH: usize = 24;
const KEY_HASH: usize = 32;
const ID_PARTITION: usize = 40;
const ID_OFFSET: usize = 48;
const REVISION: usize = 56;
const FINAL: usize = 64;
const END_MS: usize = 72;
const VISITS: usize = 80;
const NEW_VISITS: usize = 88;
/** How many fired ids the session has swallowed, and where they are listed. */
const SWALLOWED: usize = 96;
const SWALLOWED_IDS: usize = 104;

/** Fires a session: writes it, and tells of it in `FIRED`. */
export function fire(session: usize): void {
  const revision = revisionOf(session) + 1;
  countFired(session);
  setRevision(session, revision);
  store<f64>(FIRED, <f64>writeSession(session), VALUE_LENGTH);
  store<f64>(FIRED, <f64>textStart(), VALUE);
  store<f64>(FIRED, <f64>keyInText(), KEY);
  store<f64>(FIRED, <f64>keyLengthOf(session), KEY_LENGTH);
  store<f64>(FIRED, <f64>keyHashOf(session), KEY_HASH);
  store<f64>(FIRED, <f64>idPartitionOf(session), ID_PARTITION);
  store<f64>(FIRED, idOffsetOf(session), ID_OFFSET);
  store<f64>(FIRED, <f64>revision, REVISION);
  store<f64>(FIRED, isGone(endMsOf(session)) ? 1 : 0, FINAL);
  store<f64>(FIRED, endMsOf(session), END_MS);
  store<f64>(FIRED, <f64>visitsOf(session), VISITS);
  store<f64>(FIRED, <f64>unfiredOf(session), NEW_VISITS);
  store<f64>(FIRED, <f64>listSwallowed(session), SWALLOWED);
  store<f64>(FIRED, <f64>listedIds(), SWALLOWED_IDS);
  setUnfired(session, 0);
}
