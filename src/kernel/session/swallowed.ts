import { LISTED_ID_BYTES, LISTED_ID_OFFSET } from "../codes.ts";
import { allocate, free } from "../memory/arena.ts";
import {
  idOffsetOf,
  idPartitionOf,
  revisionOf,
  setSwallowed,
  swallowedOf,
} from "./session.ts";

/*
 * The fired ids that a session has swallowed by merging, by start: a list of
 * blocks
 *
 *     | next | partition | offset |
 */
const NEXT: usize = 0;
const PARTITION: usize = 4;
const OFFSET: usize = 8;
const ID_BYTES: i32 = 16;

const LISTED: usize = memory.data(4, 16);

/**
 * Notes an id that a session has swallowed behind another of its list, or, for 0,
 * in front of all. Returns it.
 */
export function putSwallowed(
  session: usize,
  after: usize,
  partition: i32,
  offset: f64,
): usize {
  const id = newId(partition, offset);
  const next = after === 0 ? swallowedOf(session) : load<usize>(after, NEXT);
  store<usize>(id, next, NEXT);
  if (after === 0) setSwallowed(session, id);
  else store<usize>(after, id, NEXT);
  return id;
}

function newId(partition: i32, offset: f64): usize {
  const id = allocate(ID_BYTES);
  store<i32>(id, partition, PARTITION);
  store<f64>(id, offset, OFFSET);
  return id;
}

/** Hands all that a later session has swallowed, and itself, to an earlier. */
export function noteSwallowed(earlier: usize, later: usize): void {
  if (revisionOf(later) >= 0) {
    const id = newId(idPartitionOf(later), idOffsetOf(later));
    store<usize>(id, swallowedOf(later), NEXT);
    setSwallowed(later, id);
  }
  const last = lastOf(swallowedOf(earlier));
  if (last === 0) setSwallowed(earlier, swallowedOf(later));
  else store<usize>(last, swallowedOf(later), NEXT);
  setSwallowed(later, 0);
}

function lastOf(first: usize): usize {
  let last: usize = 0;
  for (let id = first; id !== 0; id = load<usize>(id, NEXT)) last = id;
  return last;
}

/**
 * Lists the ids that a session has swallowed, partition and offset in turn, as
 * doubles at `listedIds`, until the next call. Returns how many there are.
 */
export function listSwallowed(session: usize): i32 {
  const old = listedIds();
  if (old !== 0) free(old);
  store<usize>(LISTED, 0);
  const count = countSwallowed(session);
  if (count === 0) return 0;
  let at = allocate(LISTED_ID_BYTES * count);
  store<usize>(LISTED, at);
  for (let id = swallowedOf(session); id !== 0; id = load<usize>(id, NEXT)) {
    store<f64>(at, <f64>load<i32>(id, PARTITION));
    store<f64>(at, load<f64>(id, OFFSET), LISTED_ID_OFFSET);
    at += LISTED_ID_BYTES;
  }
  return count;
}

/** Where they are listed. */
export function listedIds(): usize {
  return load<usize>(LISTED);
}

/** How many ids a session has swallowed. */
export function countSwallowed(session: usize): i32 {
  let count = 0;
  let id = swallowedOf(session);
  for (; id !== 0; id = load<usize>(id, NEXT)) count++;
  return count;
}

export function swallowedPartitionOf(id: usize): i32 {
  return load<i32>(id, PARTITION);
}
export function swallowedOffsetOf(id: usize): f64 {
  return load<f64>(id, OFFSET);
}

/** The id behind one in the list of a session, or 0. */
export function swallowedAfter(id: usize): usize {
  return load<usize>(id, NEXT);
}

/** Frees the list of a session. */
export function freeSwallowed(session: usize): void {
  let id = swallowedOf(session);
  while (id !== 0) {
    const next = load<usize>(id, NEXT);
    free(id);
    id = next;
  }
}
