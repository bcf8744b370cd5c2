import { hashKey } from "../bytes/key_hash.ts";
import { readVarint, readVarlong, varintEnd } from "../bytes/varint.ts";
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
  startMsOf,
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
  hasStart,
  hasUser,
  headEnd,
  headKeyLength,
  headLengthMs,
  headRevision,
  headStartMs,
  headSwallowed,
  headTimeLength,
  headUnfired,
  headUserLength,
  headVisits,
  readHead,
} from "./message_head.ts";
import {
  frontCommit,
  frontHash,
  frontMarked,
  frontOffset,
  frontPartition,
} from "./record_front.ts";

/*
 * Makes sessions of the messages of the window log. What a message says is
 * believed only as far as it fits together: false when it does not.
 */

/** Where the swallowed ids end that were looked at. */
let swallowedEnd: usize = 0;

/** Makes the session of a put, whose front was read. */
export function restorePut(
  message: usize,
  length: i32,
  recordBytes: i32,
): bool {
  const end = message + length;
  if (!readHead(message, end, true) || !hasStart || !hasUser) return false;
  const timeLength = headTimeLength;
  if (headKeyLength < 0 || headSwallowed < 0) return false;
  if (timeLength < 0 || timeLength > BASE_TIME_MAX) return false;
  const userLength = max(0, headUserLength);
  const strings = <i64>headKeyLength + userLength + timeLength;
  if (strings > <i64>(end - headEnd)) return false;
  // Who owns a session follows from its key.
  if (hashKey(<i32>headEnd, headKeyLength) !== frontHash) return false;
  const ids = headEnd + headKeyLength + userLength;
  if (!areSwallowed(ids, end)) return false;
  const time = swallowedEnd;
  const visits = time + timeLength;
  if (visits > end) return false;
  lookAtKey(headEnd, headKeyLength);
  lookAtUser(headEnd + headKeyLength, headUserLength);
  lookAtLogged(time, timeLength, 0, 0);
  const session = newSession(<i32>(end - visits));
  setUser(session);
  setKeyHash(session, frontHash);
  setId(session, frontPartition(), frontOffset);
  if (frontMarked < 0) setMixed(session);
  takeSwallowed(session, ids);
  setStartMs(session, headStartMs);
  setHead(session);
  insertRestored(session);
  const isWhole = takeVisits(session, visits, end);
  notePut(session, frontCommit, recordBytes);
  return isWhole;
}

/** Adds to a session what a grow says, whose front was read. */
export function restoreGrow(
  session: usize,
  message: usize,
  length: i32,
  recordBytes: i32,
): bool {
  const end = message + length;
  if (!readHead(message, end, false)) return false;
  const visits = headEnd + max(0, headUserLength);
  if (headUserLength > <i32>(end - headEnd)) return false;
  if (hasUser) {
    lookAtUser(headEnd, headUserLength);
    setUser(session);
  }
  if (frontMarked < 0) noteMixed(session);
  countUnfired(headUnfired - unfiredOf(session));
  if (hasStart) setStartMs(session, headStartMs);
  setHead(session);
  const isWhole = takeVisits(session, visits, end);
  noteRecord(session, recordBytes);
  return isWhole;
}

function setHead(session: usize): void {
  setEndMs(session, startMsOf(session) + headLengthMs);
  setRevision(session, headRevision);
  setUnfired(session, headUnfired);
}

/** Whether there are as many swallowed ids as the head says. */
function areSwallowed(ids: usize, end: usize): bool {
  let at = ids;
  for (let i = 0; i < headSwallowed; i++) {
    if (at >= end || readVarint(<i32>at) < 0) return false;
    if (readVarlong(varintEnd) < 0) return false;
    at = varintEnd;
  }
  swallowedEnd = at;
  return at <= end;
}

/** Gives a session those ids. */
function takeSwallowed(session: usize, ids: usize): void {
  let at = ids;
  let last: usize = 0;
  for (let i = 0; i < headSwallowed; i++) {
    const partition = readVarint(<i32>at);
    const offset = <f64>readVarlong(varintEnd);
    at = varintEnd;
    last = putSwallowed(session, last, partition, offset);
  }
}

/**
 * Appends the visits from `start` to `end`, if they are visits, and as many as
 * the message says that the session has then.
 */
function takeVisits(session: usize, start: usize, end: usize): bool {
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
  return visitsOf(session) === headVisits;
}
