import {
  GROWING_LIST_BYTES,
  itemsOf,
  lengthenTo,
  lengthOf,
} from "../memory/growing_list.ts";
import {
  loggedBytesOf,
  newerPutOf,
  olderPutOf,
  putCommitOf,
  setLoggedBytes,
  setNewerPut,
  setOlderPut,
  setPutCommit,
} from "./logged.ts";
import { idPartitionOf } from "./session.ts";

/*
 * The sessions that the log of each partition has, in the order of their last
 * puts, and the bytes of the records that they need:
 *
 *     partition: | oldest | newest | bytes |
 *                     |        '----------------.
 *                     '--> session <--> session <--> session
 *
 * The commit of the oldest says where the log has to begin.
 */
const OLDEST: usize = 0;
const NEWEST: usize = 4;
const BYTES: usize = 8;
const PARTITION_BYTES: i32 = 16;

const PARTITIONS: usize = memory.data(GROWING_LIST_BYTES, 16);

/** Partitions whose log has, or had, sessions; the last one included. */
export function putPartitions(): i32 {
  return lengthOf(PARTITIONS);
}

/** The block of the partitions, or 0. */
export function putPartitionsBlock(): usize {
  return itemsOf(PARTITIONS);
}

/** The session of a partition with the oldest last put, or 0. */
export function oldestPutOf(partition: i32): usize {
  if (partition >= putPartitions()) return 0;
  return load<usize>(placeOf(partition), OLDEST);
}

/** The commit of that put; 0 when the log has no session. */
export function oldestCommitOf(partition: i32): i32 {
  const oldest = oldestPutOf(partition);
  return oldest === 0 ? 0 : putCommitOf(oldest);
}

/** Bytes of the records that the sessions need that the log has. */
export function liveBytesOf(partition: i32): f64 {
  return load<f64>(placeOf(partition), BYTES);
}

/** The session with the newest put. */
export function newestPutOf(partition: i32): usize {
  return load<usize>(placeOf(partition), NEWEST);
}

/** Takes note of a put, in a record of so many bytes: the last one is void. */
export function notePut(session: usize, commit: i32, bytes: i32): void {
  if (putCommitOf(session) !== 0) removePut(session);
  const partition = idPartitionOf(session);
  lengthenTo(PARTITIONS, partition + 1, PARTITION_BYTES);
  const place = placeOf(partition);
  // They nearly always come in order.
  let older = load<usize>(place, NEWEST);
  while (older !== 0 && putCommitOf(older) > commit) older = olderPutOf(older);
  const newer = older === 0 ? load<usize>(place, OLDEST) : newerPutOf(older);
  setPutCommit(session, commit);
  link(place, older, session);
  link(place, session, newer);
  setLoggedBytes(session, 0);
  noteRecord(session, bytes);
}

/** Takes note of one more record that a session needs. */
export function noteRecord(session: usize, bytes: i32): void {
  setLoggedBytes(session, loggedBytesOf(session) + bytes);
  addBytes(placeOf(idPartitionOf(session)), bytes);
}

/** Takes a session out, which the log has no more. */
export function removePut(session: usize): void {
  const place = placeOf(idPartitionOf(session));
  link(place, olderPutOf(session), newerPutOf(session));
  addBytes(place, -loggedBytesOf(session));
  setPutCommit(session, 0);
}

/** Makes one session, or 0, the neighbour of another, or 0. */
function link(place: usize, older: usize, newer: usize): void {
  if (older !== 0) setNewerPut(older, newer);
  else store<usize>(place, newer, OLDEST);
  if (newer !== 0) setOlderPut(newer, older);
  else store<usize>(place, older, NEWEST);
}

function addBytes(place: usize, bytes: i32): void {
  store<f64>(place, load<f64>(place, BYTES) + <f64>bytes, BYTES);
}

function placeOf(partition: i32): usize {
  return itemsOf(PARTITIONS) + <usize>(partition * PARTITION_BYTES);
}
