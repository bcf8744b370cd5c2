import { FIRST_CHUNK, freeBlock, OLDER } from "../session/session.ts";

/*
 * Sessions that were merged into others. The wheel still has entries for them,
 * so their blocks stay until the last of these comes up. Meanwhile they are a
 * list in both directions, through the words of the key's other sessions and
 * of the first chunk, which mean nothing any more.
 */
const NEXT: usize = OLDER;
const LAST: usize = FIRST_CHUNK;
const FIRST: usize = memory.data(4, 16);

/** Keeps what is left of a session that has no visits any more. */
export function keepEmpty(session: usize): void {
  const next = load<usize>(FIRST);
  store<usize>(session, next, NEXT);
  store<usize>(session, 0, LAST);
  if (next !== 0) store<usize>(next, session, LAST);
  store<usize>(FIRST, session);
}

/** The first of them, or 0, and the one behind one. */
export function firstEmpty(): usize {
  return load<usize>(FIRST);
}
export function emptyAfter(session: usize): usize {
  return load<usize>(session, NEXT);
}
export function emptyBefore(session: usize): usize {
  return load<usize>(session, LAST);
}

/** Frees one of them. */
export function dropEmpty(session: usize): void {
  const next = load<usize>(session, NEXT);
  const last = load<usize>(session, LAST);
  if (next !== 0) store<usize>(next, last, LAST);
  if (last !== 0) store<usize>(last, next, NEXT);
  else store<usize>(FIRST, next);
  freeBlock(session);
}

/** Frees all of them. */
export function dropAllEmpty(): void {
  while (load<usize>(FIRST) !== 0) dropEmpty(load<usize>(FIRST));
}
