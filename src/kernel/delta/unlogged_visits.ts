import {
  loggedChunkOf,
  loggedPlaceOf,
  loggedVisitsOf,
  setLogged,
} from "../session/logged.ts";
import { visitsOf } from "../session/session.ts";
import {
  bytesBehind,
  chunkAfter,
  chunkEndOf,
  chunkStartOf,
  firstChunkOf,
} from "../session/visit_chunks.ts";
import { readVisit } from "../session/visit_reader.ts";

/*
 * The visits of a session that the window log does not have yet: those behind
 * the place that the session notes, through its chunks.
 */

let session: usize = 0;
let chunk: usize = 0;
let place: usize = 0;
let visits: i32 = 0;

/** Bytes of them, or of those that were chosen. */
export let unloggedBytes: i32 = 0;
/** Visits of the session up to the last of them. */
export let visitsThen: i32 = 0;

/** Looks at those of a session; all of them are chosen. */
export function lookAtUnlogged(ofSession: usize): void {
  session = ofSession;
  chunk = loggedChunkOf(session);
  place = loggedPlaceOf(session);
  visits = loggedVisitsOf(session);
  if (chunk === 0) {
    chunk = firstChunkOf(session);
    place = chunkStartOf(chunk);
  }
  visitsThen = visitsOf(session);
  unloggedBytes = bytesBehind(session, chunk, place);
}

/** Chooses the first of them, as many as so many bytes hold, but one at least. */
export function chooseUnlogged(bytesMax: i32): void {
  let at = chunk;
  let next = place;
  let bytes = 0;
  visitsThen = visits;
  while (at !== 0) {
    const end = chunkEndOf(session, at);
    while (next < end) {
      const behind = readVisit(next);
      const length = <i32>(behind - next);
      if (bytes > 0 && bytes + length > bytesMax) {
        unloggedBytes = bytes;
        return;
      }
      bytes += length;
      visitsThen++;
      next = behind;
    }
    at = chunkAfter(at);
    next = chunkStartOf(at);
  }
  unloggedBytes = bytes;
}

/** Copies those that are chosen; returns where they end. */
export function copyUnlogged(to: usize): usize {
  const end = to + unloggedBytes;
  let at = to;
  while (true) {
    const held = chunkEndOf(session, chunk) - place;
    const length = min(held, end - at);
    memory.copy(at, place, length);
    at += length;
    place += length;
    if (at === end) return end;
    chunk = chunkAfter(chunk);
    place = chunkStartOf(chunk);
  }
}

/** Takes note that the log has those that were copied. */
export function noteCopied(): void {
  setLogged(session, chunk, place, visitsThen);
}
