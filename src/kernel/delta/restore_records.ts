import { setIntAt } from "../bytes/int_list.ts";
import { shardOf } from "../bytes/key_hash.ts";
import { readVarint, readVarlong, varintEnd } from "../bytes/varint.ts";
import { RESTORE_DAMAGED, RESTORE_DONE, RESTORE_UNKNOWN } from "../codes.ts";
import { WARM_VISITS, warmHashes } from "../index/cache_warmer.ts";
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

/**
 * The next records of this shard: they are listed before they are taken, so that
 * the sessions of many are looked for at once (`cache_warmer.ts`).
 *
 *     value | length of the value | bytes of the record
 */
const LISTED_BYTES: i32 = 12;
const LISTED_LENGTH: usize = 4;
const LISTED_RECORD_BYTES: usize = 8;
const LISTED: usize = memory.data(LISTED_BYTES * WARM_VISITS, 16);
const HASHES: usize = memory.data(4 * WARM_VISITS, 16);
let listedCount: i32 = 0;
/** Where the first record is that is not listed. */
let listFrom: i32 = 0;

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
  const start = <i32>load<usize>(ROOM);
  const end = start + byteLength;
  listFrom = start;
  for (let left = count; left > 0; left -= WARM_VISITS) {
    const many = min(left, WARM_VISITS);
    const listed = listRecords(many, end, shard, shardCount);
    if (listed !== RESTORE_DONE) return listed;
    warmHashes(HASHES, listedCount);
    for (let i = 0; i < listedCount; i++) {
      const record = LISTED + <usize>(i * LISTED_BYTES);
      const done = takeValue(
        load<usize>(record),
        load<i32>(record, LISTED_LENGTH),
        load<i32>(record, LISTED_RECORD_BYTES),
      );
      if (done !== RESTORE_DONE) return done;
    }
  }
  return listFrom === end ? RESTORE_DONE : RESTORE_DAMAGED;
}

/** Lists those of the next records that are of the shard: one of `RESTORE_...`. */
function listRecords(count: i32, end: i32, shard: i32, shardCount: i32): i32 {
  listedCount = 0;
  let at = listFrom;
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
    const recordBytes = recordEnd - at;
    at = recordEnd;
    const kind: i32 = load<u8>(value);
    if (kind === KIND_MARK) continue;
    if (!isKnownKind(kind)) {
      unknownKind = kind;
      return RESTORE_UNKNOWN;
    }
    if (length < <i32>ID_PARTITION) return RESTORE_DAMAGED;
    // Nothing more is read of what is another shard's.
    const hash = load<i32>(value, HASH);
    if (shardOf(hash, shardCount) === shard) {
      list(value, length, recordBytes, hash);
    }
  }
  listFrom = at;
  return RESTORE_DONE;
}

function list(value: usize, length: i32, recordBytes: i32, hash: i32): void {
  const record = LISTED + <usize>(listedCount * LISTED_BYTES);
  store<usize>(record, value);
  store<i32>(record, length, LISTED_LENGTH);
  store<i32>(record, recordBytes, LISTED_RECORD_BYTES);
  setIntAt(HASHES, listedCount++, hash);
}

/** Takes the value of a record of so many bytes. */
function takeValue(value: usize, length: i32, recordBytes: i32): i32 {
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
