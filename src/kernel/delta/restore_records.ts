import { shardOf } from "../bytes/key_hash.ts";
import { readVarint, readVarlong, varintEnd } from "../bytes/varint.ts";
import { RESTORE_DAMAGED, RESTORE_DONE, RESTORE_UNKNOWN } from "../codes.ts";
import { findById } from "../index/session_index.ts";
import { allocate, bytesOf, free } from "../memory/arena.ts";
import { drop } from "../rules/forgetting.ts";
import {
  HASH,
  ID_PARTITION,
  KIND_GONE,
  KIND_MARK,
  KIND_PUT,
  SLACK_BYTES,
} from "./log_record.ts";
import { takePiece } from "./message_pieces.ts";
import {
  frontEnd,
  frontHash,
  frontKind,
  frontOffset,
  frontPartition,
  isKnownKind,
  isPiece,
  readFront,
} from "./record_front.ts";
import { restoreGrow, restorePut } from "./restore_session.ts";

/*
 * Reads records of the window log back into the store.
 */

/** The block that the records are put into, or 0. */
const ROOM: usize = memory.data(4, 16);

/** First byte of the value that is of an unknown kind. */
export let unknownKind: i32 = 0;

/** Where the records of the next call are to be put, so many bytes. */
export function restoreRoom(byteLength: i32): usize {
  const room = load<usize>(ROOM);
  const needed = byteLength + SLACK_BYTES;
  if (room !== 0 && needed <= bytesOf(room)) return room;
  leaveRestoreRoom();
  store<usize>(ROOM, allocate(needed));
  return load<usize>(ROOM);
}

/** The block of that room, or 0. */
export function restoreBlock(): usize {
  return load<usize>(ROOM);
}

/** Gives the room back. */
export function leaveRestoreRoom(): void {
  if (load<usize>(ROOM) !== 0) free(load<usize>(ROOM));
  store<usize>(ROOM, 0);
}

/**
 * Takes the records at `restoreRoom`, as far as they are of a shard of so many:
 * one of `RESTORE_...`.
 */
export function restoreRecords(
  byteLength: i32,
  count: i32,
  shard: i32,
  shardCount: i32,
): i32 {
  let at = <i32>load<usize>(ROOM);
  const end = at + byteLength;
  for (let i = 0; i < count; i++) {
    if (at >= end) return RESTORE_DAMAGED;
    const bodyLength = readVarint(at);
    const start = varintEnd;
    if (bodyLength < 0 || bodyLength > end - start) return RESTORE_DAMAGED;
    const recordEnd = start + bodyLength;
    // The attributes have no meaning.
    readVarlong(start + 1);
    readVarint(varintEnd);
    const keyLength = max(0, readVarint(varintEnd));
    if (keyLength > recordEnd - varintEnd) return RESTORE_DAMAGED;
    const length = readVarint(varintEnd + keyLength);
    const value = varintEnd;
    if (length < 1 || length > recordEnd - value) return RESTORE_DAMAGED;
    const done = takeValue(value, length, recordEnd - at, shard, shardCount);
    if (done !== RESTORE_DONE) return done;
    at = recordEnd;
  }
  return at === end ? RESTORE_DONE : RESTORE_DAMAGED;
}

/** Takes the value of a record of so many bytes. */
function takeValue(
  value: usize,
  length: i32,
  recordBytes: i32,
  shard: i32,
  shardCount: i32,
): i32 {
  const kind: i32 = load<u8>(value);
  if (kind === KIND_MARK) return RESTORE_DONE;
  if (!isKnownKind(kind)) {
    unknownKind = kind;
    return RESTORE_UNKNOWN;
  }
  if (length < <i32>ID_PARTITION) return RESTORE_DAMAGED;
  // Nothing more is read of what is another shard's.
  if (shardOf(load<i32>(value, HASH), shardCount) !== shard) {
    return RESTORE_DONE;
  }
  if (!readFront(value, length)) return RESTORE_DAMAGED;
  if (frontKind === KIND_GONE) {
    const session = ofFront();
    if (session !== 0) drop(session);
    return RESTORE_DONE;
  }
  const rest = <i32>(value + length - frontEnd);
  return isPiece
    ? takePiece(rest, recordBytes, takeMessage)
    : takeMessage(frontEnd, rest, recordBytes);
}

/** Takes a whole message, which has come in records of so many bytes. */
function takeMessage(message: usize, length: i32, recordBytes: i32): i32 {
  const old = ofFront();
  if (frontKind === KIND_PUT) {
    if (old !== 0) drop(old);
    return restorePut(message, length, recordBytes)
      ? RESTORE_DONE
      : RESTORE_DAMAGED;
  }
  // Of a session whose put the log has no more nothing is needed: it is gone,
  // or put again, further on.
  if (old === 0) return RESTORE_DONE;
  return restoreGrow(old, message, length, recordBytes)
    ? RESTORE_DONE
    : RESTORE_DAMAGED;
}

/** The session with the id that was read, or 0. */
function ofFront(): usize {
  return findById(frontHash, frontPartition(), frontOffset);
}
