import {
  readVarint,
  readVarlong,
  varintEnd,
  writeVarint,
  writeVarlong,
} from "../bytes/varint.ts";
import { unloggedOf } from "../session/logged.ts";
import {
  endMsOf,
  keyLengthOf,
  revisionOf,
  START_CHANGED,
  startMsOf,
  USER_CHANGED,
  unfiredOf,
  userLengthOf,
  visitsOf,
} from "../session/session.ts";
import { baseTimeLengthOf } from "../session/visit_log.ts";
import { HAS_FIRED, HAS_START, HAS_USER, IN_SECONDS } from "./log_record.ts";

/*
 * The numbers that a message of the window log begins with. They are written to
 * one place, since their length is known only then.
 */

/** Where they are written. */
export const HEAD: usize = memory.data(64, 16);
const SECOND_MS: i64 = 1000;
/** No length of time, and no place in time, has as many ms. */
const TIME_MS_MAX: i64 = 1 << 53;

/** What `readHead` has read, as the session was when it was written. */
export let hasStart: bool = false;
export let headStartMs: f64 = 0;
export let headLengthMs: f64 = 0;
export let headVisits: i32 = 0;
export let headRevision: i32 = 0;
export let headUnfired: i32 = 0;
export let hasUser: bool = false;
/** -1 for null, which is also that of none. */
export let headUserLength: i32 = 0;
/** Of a put. */
export let headKeyLength: i32 = 0;
export let headSwallowed: i32 = 0;
export let headTimeLength: i32 = 0;
/** Where the strings begin. */
export let headEnd: usize = 0;

/**
 * Writes the head of a put, or of a grow, that takes a session to so many
 * visits; returns its length.
 */
export function writeHead(
  session: usize,
  isPut: bool,
  visits: i32,
  swallowed: i32,
): i32 {
  const startMs = <i64>startMsOf(session);
  const lengthMs = <i64>endMsOf(session) - startMs;
  const parts = partsOf(session, isPut, startMs, lengthMs);
  const unitMs = parts & IN_SECONDS ? SECOND_MS : 1;
  store<u8>(HEAD, parts);
  let at = HEAD + 1;
  if (parts & HAS_START) at = writeVarlong(at, startMs / unitMs);
  at = writeVarlong(at, lengthMs / unitMs);
  at = writeVarint(at, visits);
  if (parts & HAS_FIRED) {
    at = writeVarint(at, revisionOf(session));
    at = writeVarint(at, unfiredOf(session));
  }
  if (parts & HAS_USER) at = writeVarint(at, userLengthOf(session));
  if (isPut) {
    at = writeVarint(at, keyLengthOf(session));
    at = writeVarint(at, swallowed);
    at = writeVarint(at, baseTimeLengthOf(session));
  }
  return <i32>(at - HEAD);
}

function partsOf(
  session: usize,
  isPut: bool,
  startMs: i64,
  lengthMs: i64,
): i32 {
  let parts = 0;
  const unlogged = unloggedOf(session);
  if (isPut || unlogged & START_CHANGED) parts |= HAS_START;
  if (isPut || unlogged & USER_CHANGED) parts |= HAS_USER;
  const isUnfired = unfiredOf(session) === visitsOf(session);
  if (revisionOf(session) >= 0 || !isUnfired) parts |= HAS_FIRED;
  const isOfSeconds = lengthMs % SECOND_MS === 0;
  const hasNoMs = !(parts & HAS_START) || startMs % SECOND_MS === 0;
  return isOfSeconds && hasNoMs ? parts | IN_SECONDS : parts;
}

/**
 * Reads the head of a message that ends at `end`; false when a session cannot
 * have it. What is in brackets is as without it when it is not there.
 */
export function readHead(message: usize, end: usize, isPut: bool): bool {
  if (message >= end) return false;
  const parts: i32 = load<u8>(message);
  const unitMs = parts & IN_SECONDS ? SECOND_MS : 1;
  hasStart = (parts & HAS_START) !== 0;
  hasUser = (parts & HAS_USER) !== 0;
  let at = <i32>message + 1;
  const startMs = hasStart ? readVarlong(at) * unitMs : 0;
  if (hasStart) at = varintEnd;
  const lengthMs = readVarlong(at) * unitMs;
  headStartMs = <f64>startMs;
  headLengthMs = <f64>lengthMs;
  headVisits = readVarint(varintEnd);
  if (<usize>varintEnd > end) return false;
  headRevision = parts & HAS_FIRED ? readVarint(varintEnd) : -1;
  headUnfired = parts & HAS_FIRED ? readVarint(varintEnd) : headVisits;
  headUserLength = hasUser ? readVarint(varintEnd) : -1;
  if (<usize>varintEnd > end) return false;
  headKeyLength = isPut ? readVarint(varintEnd) : 0;
  headSwallowed = isPut ? readVarint(varintEnd) : 0;
  headTimeLength = isPut ? readVarint(varintEnd) : 0;
  headEnd = varintEnd;
  if (headEnd > end || headRevision < -1 || headUnfired < 0) return false;
  if (startMs < -TIME_MS_MAX || startMs > TIME_MS_MAX) return false;
  return lengthMs >= 0 && lengthMs <= TIME_MS_MAX && headUserLength >= -1;
}
