import { copyText, isSameText } from "../bytes/text.ts";
import { allocate, free } from "../memory/arena.ts";
import {
  visitKey,
  visitKeyLength,
  visitUser,
  visitUserLength,
} from "../rows/current_visit.ts";

/*
 * A session is one block:
 *
 *     byte 0        8       16     20      24     28     32     36
 *          | startMs | endMs | hash | older | last | tail | room | visits |
 *     40       44         48       52            56         64
 *     | unfired | revision | ticket | idPartition | idOffset |
 *     64      68          72           76     80         84           85        88
 *     | first | keyLength | userLength | user | userRoom | timeLength | unlogged |
 *     88          92         96          128          160
 *     | swallowed | textBytes | base time | window log | key ... user ... spare |
 *
 * idPartition is `~` of the partition when visits came from others too.
 * The first cache line has what most visits change; what the window log has of
 * the session, `logged.ts` says, and `unlogged` which parts are not as it has them.
 */
export const START_MS: usize = 0;
export const END_MS: usize = 8;
export const KEY_HASH: usize = 16;
export const OLDER: usize = 20;
export const LAST_CHUNK: usize = 24;
export const TAIL: usize = 28;
export const ROOM_END: usize = 32;
export const VISITS: usize = 36;
export const UNFIRED: usize = 40;
const REVISION: usize = 44;
export const TICKET: usize = 48;
const ID_PARTITION: usize = 52;
const ID_OFFSET: usize = 56;
export const FIRST_CHUNK: usize = 64;
const KEY_LENGTH: usize = 68;
export const USER_LENGTH: usize = 72;
const USER: usize = 76;
const USER_ROOM: usize = 80;
export const TIME_LENGTH: usize = 84;
export const UNLOGGED: usize = 85;
const SWALLOWED: usize = 88;
export const TEXT_BYTES: usize = 92;
export const BASE_TIME: usize = 96;
export const LOGGED: usize = 128;
const KEY: usize = 160;

/** Parts that can be unlogged. */
export const START_CHANGED: i32 = 1;
export const USER_CHANGED: i32 = 2;

/** The longest base time. */
export const BASE_TIME_MAX: i32 = 32;

/** Makes a session with the key and the user of the current visit. */
export function createSession(): usize {
  // Never 0: the place of the user must lie inside the block.
  const userBytes = max(1, visitUserLength);
  const ownBytes = <i32>KEY + visitKeyLength + userBytes;
  const session = allocate(ownBytes);
  store<i32>(session, 0, VISITS);
  store<i32>(session, 0, UNFIRED);
  store<i32>(session, -1, REVISION);
  store<i32>(session, visitKeyLength, KEY_LENGTH);
  store<usize>(session, 0, SWALLOWED);
  store<i32>(session, 0, TEXT_BYTES);
  const user = copyText(visitKey, session + KEY, visitKeyLength);
  store<usize>(session, user, USER);
  store<i32>(session, userBytes, USER_ROOM);
  store<i32>(session, -1, USER_LENGTH);
  store<u8>(session, 0, TIME_LENGTH);
  store<u8>(session, 0, UNLOGGED);
  v128.store(session + LOGGED, i32x4.splat(0));
  v128.store(session + LOGGED, i32x4.splat(0), 16);
  return session;
}

/** The block of the user where that has one of its own, or 0. */
export function userBlockOf(session: usize): usize {
  const user = load<usize>(session, USER);
  return user === ownUserPlaceOf(session) ? 0 : user;
}

/** Bytes that the user may have where it is. */
export function userRoomOf(session: usize): i32 {
  return load<i32>(session, USER_ROOM);
}

function ownUserPlaceOf(session: usize): usize {
  return session + KEY + load<i32>(session, KEY_LENGTH);
}

/** Frees the block, not what it points to. */
export function freeBlock(session: usize): void {
  freeUser(session);
  free(session);
}

/** Whether a session is of the current visit's key. */
export function hasKey(session: usize): bool {
  const length = load<i32>(session, KEY_LENGTH);
  return (
    length === visitKeyLength && isSameText(session + KEY, visitKey, length)
  );
}

/** Gives a session the user of the current visit. */
export function setUser(session: usize): void {
  const length = load<i32>(session, USER_LENGTH);
  const user = load<usize>(session, USER);
  if (length === visitUserLength && isSameText(user, visitUser, length)) return;
  noteUnlogged(session, USER_CHANGED);
  store<i32>(session, visitUserLength, USER_LENGTH);
  if (visitUserLength > load<i32>(session, USER_ROOM)) moveUser(session);
  copyText(visitUser, load<usize>(session, USER), visitUserLength);
}

function noteUnlogged(session: usize, part: i32): void {
  store<u8>(session, load<u8>(session, UNLOGGED) | part, UNLOGGED);
}

/** Half as much again, so that ever longer users cost linear time. */
function moveUser(session: usize): void {
  const room = visitUserLength + (visitUserLength >>> 1);
  freeUser(session);
  store<usize>(session, allocate(room), USER);
  store<i32>(session, room, USER_ROOM);
}

function freeUser(session: usize): void {
  const block = userBlockOf(session);
  if (block !== 0) free(block);
}

/** Timestamp of the earliest visit: the start of the window. */
export function startMsOf(session: usize): f64 {
  return load<f64>(session, START_MS);
}
export function setStartMs(session: usize, ms: f64): void {
  noteUnlogged(session, START_CHANGED);
  store<f64>(session, ms, START_MS);
}

/** End of the window: the latest timestamp plus the gap. */
export function endMsOf(session: usize): f64 {
  return load<f64>(session, END_MS);
}
export function setEndMs(session: usize, ms: f64): void {
  store<f64>(session, ms, END_MS);
}

export function keyHashOf(session: usize): i32 {
  return load<i32>(session, KEY_HASH);
}
export function setKeyHash(session: usize, hash: i32): void {
  store<i32>(session, hash, KEY_HASH);
}

/** The next earlier session of the same key, or 0. */
export function olderOf(session: usize): usize {
  return load<usize>(session, OLDER);
}
export function setOlder(session: usize, older: usize): void {
  store<usize>(session, older, OLDER);
}

export function visitsOf(session: usize): i32 {
  return load<i32>(session, VISITS);
}
export function setVisits(session: usize, count: i32): void {
  store<i32>(session, count, VISITS);
}

/** Visits that no firing has held. */
export function unfiredOf(session: usize): i32 {
  return load<i32>(session, UNFIRED);
}
export function setUnfired(session: usize, count: i32): void {
  store<i32>(session, count, UNFIRED);
}

/** Revision of the last firing, -1 before the first. */
export function revisionOf(session: usize): i32 {
  return load<i32>(session, REVISION);
}
export function setRevision(session: usize, revision: i32): void {
  store<i32>(session, revision, REVISION);
}

/** Number of the valid entry among the deadlines. */
export function ticketOf(session: usize): i32 {
  return load<i32>(session, TICKET);
}
export function setTicket(session: usize, ticket: i32): void {
  store<i32>(session, ticket, TICKET);
}

/** Partition and offset of the visit that opened the session: its id. */
export function idPartitionOf(session: usize): i32 {
  const partition = load<i32>(session, ID_PARTITION);
  return partition < 0 ? ~partition : partition;
}
/** The same with the mark of `isMixed`. */
export function markedPartitionOf(session: usize): i32 {
  return load<i32>(session, ID_PARTITION);
}
/** Whether it holds visits of other partitions than the one in its id. */
export function isMixed(session: usize): bool {
  return load<i32>(session, ID_PARTITION) < 0;
}
export function setMixed(session: usize): void {
  store<i32>(session, ~idPartitionOf(session), ID_PARTITION);
}
export function idOffsetOf(session: usize): f64 {
  return load<f64>(session, ID_OFFSET);
}
export function setId(session: usize, partition: i32, offset: f64): void {
  store<i32>(session, partition, ID_PARTITION);
  store<f64>(session, offset, ID_OFFSET);
}

/** First of the fired ids that were swallowed, or 0: see swallowed.ts. */
export function swallowedOf(session: usize): usize {
  return load<usize>(session, SWALLOWED);
}
export function setSwallowed(session: usize, first: usize): void {
  store<usize>(session, first, SWALLOWED);
}

export function keyOf(session: usize): usize {
  return session + KEY;
}
export function keyLengthOf(session: usize): i32 {
  return load<i32>(session, KEY_LENGTH);
}

/** The user of the visit that arrived last. */
export function userOf(session: usize): usize {
  return load<usize>(session, USER);
}
/** -1 for null. */
export function userLengthOf(session: usize): i32 {
  return load<i32>(session, USER_LENGTH);
}
