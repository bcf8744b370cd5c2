import { copyText } from "../bytes/text.ts";
import {
  varintLength,
  varlongLength,
  writeVarint,
  writeVarlong,
} from "../bytes/varint.ts";
import { allocate, free } from "../memory/arena.ts";
import { startedBytes } from "../output/partition_batches.ts";
import { isToBePut, unloggedOf } from "../session/logged.ts";
import { notePut, noteRecord } from "../session/put_list.ts";
import {
  idOffsetOf,
  idPartitionOf,
  keyHashOf,
  keyLengthOf,
  keyOf,
  markedPartitionOf,
  swallowedOf,
  USER_CHANGED,
  userLengthOf,
  userOf,
  visitsOf,
} from "../session/session.ts";
import {
  countSwallowed,
  swallowedAfter,
  swallowedOffsetOf,
  swallowedPartitionOf,
} from "../session/swallowed.ts";
import { baseTimeLengthOf, baseTimeOf } from "../session/visit_log.ts";
import { startLogRecord } from "./log_batches.ts";
import { IN_PIECES, KIND_GROW, KIND_PUT } from "./log_record.ts";
import { HEAD, writeHead } from "./message_head.ts";
import { FRONT, FRONT_BYTES_MAX, writeId } from "./record_front.ts";
import { renewIfWorn } from "./renewal.ts";
import {
  chooseUnlogged,
  copyUnlogged,
  lookAtUnlogged,
  noteCopied,
  unloggedBytes,
  visitsThen,
} from "./unlogged_visits.ts";

/*
 * Writes sessions as messages of the window log: see `log_record.ts`.
 */

/** What the message that is written is: a put, and with what. */
let isPut: bool = false;
let hasUser: bool = false;
let swallowedIds: i32 = 0;
/** Bytes of its head. */
let headLength: i32 = 0;

/**
 * Writes what the log does not have of a session, as much of it as a record
 * holds. False when there is more.
 */
export function writeMessage(
  session: usize,
  commit: i32,
  recordBytesMax: i32,
): bool {
  renewIfWorn(session);
  isPut = isToBePut(session);
  hasUser = isPut || (unloggedOf(session) & USER_CHANGED) !== 0;
  swallowedIds = isPut ? countSwallowed(session) : 0;
  lookAtUnlogged(session);
  headLength = writeHead(session, isPut, visitsThen, swallowedIds);
  const frontLength = writeFront(session, commit);
  const textLength = textLengthOf(session);
  const room = recordBytesMax - frontLength - headLength - textLength;
  // A head that fills a record does so whatever visits are with it.
  const visitsRoom = room > 0 ? room : recordBytesMax;
  if (unloggedBytes > visitsRoom) {
    chooseUnlogged(visitsRoom);
    headLength = writeHead(session, isPut, visitsThen, swallowedIds);
  }
  const length = headLength + textLength + unloggedBytes;
  const bytes =
    frontLength + length <= recordBytesMax
      ? writeWhole(session, frontLength, length)
      : writePieces(session, frontLength, length, recordBytesMax);
  if (isPut) notePut(session, commit, bytes);
  else noteRecord(session, bytes);
  noteCopied();
  return visitsThen === visitsOf(session);
}

/** Bytes of what stands between the head and the visits. */
function textLengthOf(session: usize): i32 {
  const user = hasUser ? max(0, userLengthOf(session)) : 0;
  if (!isPut) return user;
  const strings = keyLengthOf(session) + user + baseTimeLengthOf(session);
  return strings + swallowedBytesOf(session);
}

/** Writes the front of a record with a message; returns its length. */
function writeFront(session: usize, commit: i32): i32 {
  const kind = isPut ? KIND_PUT : KIND_GROW;
  const hash = keyHashOf(session);
  const marked = markedPartitionOf(session);
  const end = writeId(kind, hash, marked, idOffsetOf(session));
  return <i32>((isPut ? writeVarint(end, commit) : end) - FRONT);
}

/** Writes the record whose front is written. */
function writeWhole(session: usize, frontLength: i32, length: i32): i32 {
  const start = startLogRecord(idPartitionOf(session), frontLength + length);
  // Another record may not be begun before this one is written.
  const bytes = startedBytes;
  const end = writeText(session, copyText(FRONT, start, frontLength));
  if (!ASC_NO_ASSERT) assert(end === start + frontLength + length);
  return bytes;
}

/** The same as records that have a piece of the message each. */
function writePieces(
  session: usize,
  frontLength: i32,
  length: i32,
  recordBytesMax: i32,
): i32 {
  const message = allocate(length);
  const end = writeText(session, message);
  if (!ASC_NO_ASSERT) assert(end === message + length);
  store<u8>(FRONT, load<u8>(FRONT) | IN_PIECES);
  const behindAt = FRONT + frontLength;
  let bytes = 0;
  for (let left = length; left > 0; ) {
    const piece = min(left, recordBytesMax - FRONT_BYTES_MAX);
    const from = message + length - left;
    left -= piece;
    const front = <i32>(writeVarint(behindAt, left) - FRONT);
    const start = startLogRecord(idPartitionOf(session), front + piece);
    bytes += startedBytes;
    memory.copy(copyText(FRONT, start, front), from, piece);
  }
  free(message);
  return bytes;
}

/** Writes the message; returns where it ends. */
function writeText(session: usize, to: usize): usize {
  let at = copyText(HEAD, to, headLength);
  if (isPut) at = copyText(keyOf(session), at, keyLengthOf(session));
  const userLength = hasUser ? userLengthOf(session) : 0;
  if (userLength > 0) at = copyText(userOf(session), at, userLength);
  if (isPut) {
    at = writeSwallowed(session, at);
    at = copyText(baseTimeOf(session), at, baseTimeLengthOf(session));
  }
  return copyUnlogged(at);
}

/** Bytes of the swallowed ids. */
function swallowedBytesOf(session: usize): i32 {
  let bytes = 0;
  for (let id = swallowedOf(session); id !== 0; id = swallowedAfter(id)) {
    bytes += varintLength(swallowedPartitionOf(id));
    bytes += varlongLength(<i64>swallowedOffsetOf(id));
  }
  return bytes;
}

function writeSwallowed(session: usize, to: usize): usize {
  let at = to;
  for (let id = swallowedOf(session); id !== 0; id = swallowedAfter(id)) {
    at = writeVarint(at, swallowedPartitionOf(id));
    at = writeVarlong(at, <i64>swallowedOffsetOf(id));
  }
  return at;
}
