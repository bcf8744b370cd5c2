import { hashKey } from "../bytes/key_hash.ts";
import { lookAtKey, lookAtLogged, lookAtUser } from "../rows/current_visit.ts";
import { countUnfired, countVisits, noteMixed } from "../rules/counts.ts";
import { insertRestored } from "../rules/restored.ts";
import { setAllLogged } from "../session/logged.ts";
import { noteWholeTime, pageTextBytes } from "../session/page_text.ts";
import { notePut, noteRecord } from "../session/put_list.ts";
import {
  BASE_TIME_MAX,
  setEndMs,
  setId,
  setKeyHash,
  setMixed,
  setRevision,
  setStartMs,
  setUnfired,
  setUser,
  setVisits,
  unfiredOf,
  visitsOf,
} from "../session/session.ts";
import { newSession } from "../session/session_memory.ts";
import { putSwallowed } from "../session/swallowed.ts";
import {
  appendLogged,
  baseTimeLengthOf,
  WHOLE_TIME,
} from "../session/visit_log.ts";
import {
  readPageLength,
  readTimeLength,
  readTimePlace,
  readVisit,
} from "../session/visit_reader.ts";
import {
  COMMIT,
  END_MS,
  GROW_HEAD_BYTES,
  HASH,
  ID_OFFSET,
  ID_PARTITION,
  KEY_LENGTH,
  PUT_HEAD_BYTES,
  REVISION,
  SAME_USER,
  START_MS,
  SWALLOWED,
  SWALLOWED_BYTES,
  SWALLOWED_OFFSET,
  TIME_LENGTH,
  UNFIRED,
  USER_LENGTH,
  VISITS,
} from "./log_record.ts";

/*
 * Makes sessions of the messages of the window log. What a message says is
 * believed only as far as it fits together: false when it does not.
 */

/** Makes the session of a put. */
export function restorePut(
  value: usize,
  message: usize,
  length: i32,
  recordBytes: i32,
): bool {
  if (length < PUT_HEAD_BYTES) return false;
  const keyLength = load<i32>(message, KEY_LENGTH);
  const userLength = load<i32>(message, USER_LENGTH);
  const swallowed = load<i32>(message, SWALLOWED);
  const timeLength = load<i32>(message, TIME_LENGTH);
  if (!isHead(message)) return false;
  if (keyLength < 0 || userLength < -1 || swallowed < 0) return false;
  if (timeLength < 0 || timeLength > BASE_TIME_MAX) return false;
  const head =
    <i64>PUT_HEAD_BYTES +
    keyLength +
    max(0, userLength) +
    <i64>swallowed * SWALLOWED_BYTES +
    timeLength;
  if (head > <i64>length) return false;
  const key = message + PUT_HEAD_BYTES;
  const hash = load<i32>(value, HASH);
  // Who owns a session follows from its key.
  if (hashKey(<i32>key, keyLength) !== hash) return false;
  const user = key + keyLength;
  const ids = user + max(0, userLength);
  const time = ids + swallowed * SWALLOWED_BYTES;
  lookAtKey(key, keyLength);
  lookAtUser(user, userLength);
  lookAtLogged(time, timeLength, 0, 0);
  const visits = time + timeLength;
  const session = newSession(<i32>(message + length - visits));
  setUser(session);
  setKeyHash(session, hash);
  const marked = load<i32>(value, ID_PARTITION);
  setId(session, marked < 0 ? ~marked : marked, load<f64>(value, ID_OFFSET));
  if (marked < 0) setMixed(session);
  for (let id = time - SWALLOWED_BYTES; id >= ids; id -= SWALLOWED_BYTES) {
    putSwallowed(session, load<i32>(id), load<f64>(id, SWALLOWED_OFFSET));
  }
  setHead(session, message);
  insertRestored(session);
  const isWhole = takeVisits(session, message, visits, message + length);
  notePut(session, load<i32>(value, COMMIT), recordBytes);
  return isWhole;
}

/** Adds to a session what a grow says. */
export function restoreGrow(
  session: usize,
  value: usize,
  message: usize,
  length: i32,
  recordBytes: i32,
): bool {
  if (length < GROW_HEAD_BYTES) return false;
  const userLength = load<i32>(message, USER_LENGTH);
  if (!isHead(message) || userLength < SAME_USER) return false;
  if (userLength > length - GROW_HEAD_BYTES) return false;
  const user = message + GROW_HEAD_BYTES;
  if (userLength !== SAME_USER) {
    lookAtUser(user, userLength);
    setUser(session);
  }
  if (load<i32>(value, ID_PARTITION) < 0) noteMixed(session);
  countUnfired(load<i32>(message, UNFIRED) - unfiredOf(session));
  setHead(session, message);
  const visits = user + max(0, userLength);
  const isWhole = takeVisits(session, message, visits, message + length);
  noteRecord(session, recordBytes);
  return isWhole;
}

/** Whether the numbers of a session can be such. */
function isHead(message: usize): bool {
  const lengthMs = load<f64>(message, END_MS) - load<f64>(message, START_MS);
  if (!(lengthMs >= 0) || load<i32>(message, REVISION) < -1) return false;
  return load<i32>(message, UNFIRED) >= 0;
}

function setHead(session: usize, message: usize): void {
  setStartMs(session, load<f64>(message, START_MS));
  setEndMs(session, load<f64>(message, END_MS));
  setRevision(session, load<i32>(message, REVISION));
  setUnfired(session, load<i32>(message, UNFIRED));
}

/**
 * Appends the visits from `start` to `end`, if they are visits, and as many as
 * the message says that the session has then.
 */
function takeVisits(
  session: usize,
  message: usize,
  start: usize,
  end: usize,
): bool {
  const timeLength = baseTimeLengthOf(session);
  let textBytes = 0;
  let visits = 0;
  for (let at = start; at < end; ) {
    const next = readVisit(at);
    if (next <= at || next > end || readTimeLength < 0) return false;
    const isWhole = readTimePlace === WHOLE_TIME;
    if (!isWhole && readTimePlace + readTimeLength > timeLength) return false;
    if (isWhole) noteWholeTime(readTimeLength);
    const ofTime = isWhole ? readTimeLength : timeLength;
    textBytes += pageTextBytes(ofTime, readPageLength);
    visits++;
    at = next;
  }
  appendLogged(session, start, <i32>(end - start), textBytes);
  setVisits(session, visitsOf(session) + visits);
  countVisits(visits);
  setAllLogged(session);
  return visitsOf(session) === load<i32>(message, VISITS);
}
