import { copyText } from "../bytes/text.ts";
import { allocate, free } from "../memory/arena.ts";
import { startedBytes } from "../output/partition_batches.ts";
import { isToBePut } from "../session/logged.ts";
import { notePut, noteRecord } from "../session/put_list.ts";
import {
  endMsOf,
  idOffsetOf,
  idPartitionOf,
  keyHashOf,
  keyLengthOf,
  keyOf,
  markedPartitionOf,
  revisionOf,
  startMsOf,
  swallowedOf,
  unfiredOf,
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
import {
  BEHIND,
  COMMIT,
  END_MS,
  GROW_HEAD_BYTES,
  HASH,
  ID_OFFSET,
  ID_PARTITION,
  KEY_LENGTH,
  KIND_GROW,
  KIND_PUT,
  MESSAGE,
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

/** What the message that is written is: a put, and with which user. */
let isPut: bool = false;
let userLength: i32 = 0;
let swallowedIds: i32 = 0;

/**
 * Writes what the log does not have of a session, as much of it as a record
 * holds. `isContinued`: this commit has a part of it already. False when there
 * is more.
 */
export function writeMessage(
  session: usize,
  commit: i32,
  recordBytesMax: i32,
  isContinued: bool,
): bool {
  isPut = isToBePut(session);
  userLength = isContinued ? SAME_USER : userLengthOf(session);
  swallowedIds = isPut ? countSwallowed(session) : 0;
  lookAtUnlogged(session);
  const headLength = headLengthOf(session);
  const room = recordBytesMax - MESSAGE - headLength;
  // A head that fills a record does so whatever visits are with it.
  const visitsRoom = room > 0 ? room : recordBytesMax;
  if (unloggedBytes > visitsRoom) chooseUnlogged(visitsRoom);
  const length = headLength + unloggedBytes;
  const bytes =
    MESSAGE + length <= recordBytesMax
      ? writeWhole(session, commit, length)
      : writePieces(session, commit, length, recordBytesMax - MESSAGE);
  if (isPut) notePut(session, commit, bytes);
  else noteRecord(session, bytes);
  noteCopied();
  return visitsThen === visitsOf(session);
}

/** What stands in front of the visits. */
function headLengthOf(session: usize): i32 {
  const user = max(0, userLength);
  if (!isPut) return GROW_HEAD_BYTES + user;
  const strings = keyLengthOf(session) + user + baseTimeLengthOf(session);
  return PUT_HEAD_BYTES + strings + swallowedIds * SWALLOWED_BYTES;
}

function writeWhole(session: usize, commit: i32, length: i32): i32 {
  const start = startLogRecord(idPartitionOf(session), MESSAGE + length);
  // Another record may not be begun before this one is written.
  const bytes = startedBytes;
  writeId(session, start, commit, 0);
  const end = writeText(session, start + MESSAGE);
  if (!ASC_NO_ASSERT) assert(end === start + MESSAGE + length);
  return bytes;
}

function writePieces(
  session: usize,
  commit: i32,
  length: i32,
  pieceBytesMax: i32,
): i32 {
  const message = allocate(length);
  const end = writeText(session, message);
  if (!ASC_NO_ASSERT) assert(end === message + length);
  let bytes = 0;
  for (let done = 0; done < length; ) {
    const piece = min(length - done, pieceBytesMax);
    const start = startLogRecord(idPartitionOf(session), MESSAGE + piece);
    bytes += startedBytes;
    writeId(session, start, commit, length - done - piece);
    memory.copy(start + MESSAGE, message + done, piece);
    done += piece;
  }
  free(message);
  return bytes;
}

/** What each record has in front of its message, or its piece of one. */
function writeId(session: usize, to: usize, commit: i32, behind: i32): void {
  store<u8>(to, isPut ? KIND_PUT : KIND_GROW);
  store<i32>(to, commit, COMMIT);
  store<i32>(to, keyHashOf(session), HASH);
  store<i32>(to, markedPartitionOf(session), ID_PARTITION);
  store<f64>(to, idOffsetOf(session), ID_OFFSET);
  store<i32>(to, behind, BEHIND);
}

/** Writes the message; returns where it ends. */
function writeText(session: usize, to: usize): usize {
  store<f64>(to, startMsOf(session), START_MS);
  store<f64>(to, endMsOf(session), END_MS);
  store<i32>(to, revisionOf(session), REVISION);
  store<i32>(to, unfiredOf(session), UNFIRED);
  store<i32>(to, visitsThen, VISITS);
  store<i32>(to, userLength, USER_LENGTH);
  let at = to + GROW_HEAD_BYTES;
  if (isPut) {
    store<i32>(to, keyLengthOf(session), KEY_LENGTH);
    store<i32>(to, swallowedIds, SWALLOWED);
    store<i32>(to, baseTimeLengthOf(session), TIME_LENGTH);
    at = copyText(keyOf(session), to + PUT_HEAD_BYTES, keyLengthOf(session));
  }
  if (userLength > 0) at = copyText(userOf(session), at, userLength);
  if (isPut) {
    at = writeSwallowed(session, at);
    at = copyText(baseTimeOf(session), at, baseTimeLengthOf(session));
  }
  return copyUnlogged(at);
}

function writeSwallowed(session: usize, to: usize): usize {
  let at = to;
  for (let id = swallowedOf(session); id !== 0; id = swallowedAfter(id)) {
    store<i32>(at, swallowedPartitionOf(id));
    store<f64>(at, swallowedOffsetOf(id), SWALLOWED_OFFSET);
    at += SWALLOWED_BYTES;
  }
  return at;
}
