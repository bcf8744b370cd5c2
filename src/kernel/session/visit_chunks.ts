import { allocate, bytesOf, free } from "../memory/arena.ts";
import { FIRST_CHUNK, LAST_CHUNK, ROOM_END, TAIL } from "./session.ts";

/*
 * The chunks that the visits of a session lie in, in order of arrival:
 *
 *     session ---> chunk ------------> chunk ------------> last chunk <--- session
 *                  | next | end |      | next | end |      | 0 | - |
 *                  | visit visit |     | visit visit |     | visit  <-- tail
 *                  | visit ...   |     | ...         |     | spare ...
 */

/** Fields of a chunk; the end is not kept in the last one. */
const NEXT: usize = 0;
const END: usize = 4;
const HEADER_BYTES: i32 = 8;

/** The first chunk has room for some six usual visits. */
const FIRST_CHUNK_BYTES: i32 = 128;
/** Chunks grow by a quarter up to here, so that little of the last is idle. */
const CHUNK_BYTES_MAX: i32 = 64 * 1024;

/** Gives a session its first chunk, with room for so many bytes at least. */
export function startChunks(session: usize, byteLength: i32): void {
  const chunk = allocateChunk(
    max(FIRST_CHUNK_BYTES, HEADER_BYTES + byteLength),
  );
  store<usize>(session, chunk, FIRST_CHUNK);
  store<usize>(session, chunk, LAST_CHUNK);
  store<usize>(session, chunkStartOf(chunk), TAIL);
  store<usize>(session, chunk + bytesOf(chunk), ROOM_END);
}

/** Makes room in the last chunk; returns where that is. */
export function reserve(session: usize, byteLength: i32): usize {
  const tail = load<usize>(session, TAIL);
  const end = tail + byteLength;
  if (end > load<usize>(session, ROOM_END)) return grow(session, byteLength);
  store<usize>(session, end, TAIL);
  return tail;
}

/** Makes room in a new chunk. */
function grow(session: usize, byteLength: i32): usize {
  const last = load<usize>(session, LAST_CHUNK);
  const lastBytes = bytesOf(last);
  const grown = min(CHUNK_BYTES_MAX, lastBytes + (lastBytes >> 2));
  const chunk = allocateChunk(max(grown, HEADER_BYTES + byteLength));
  store<usize>(last, chunk, NEXT);
  store<usize>(last, load<usize>(session, TAIL), END);
  store<usize>(session, chunk, LAST_CHUNK);
  store<usize>(session, chunk + HEADER_BYTES + byteLength, TAIL);
  store<usize>(session, chunk + bytesOf(chunk), ROOM_END);
  return chunkStartOf(chunk);
}

function allocateChunk(byteLength: i32): usize {
  const chunk = allocate(byteLength);
  store<usize>(chunk, 0, NEXT);
  return chunk;
}

/** The first chunk of a session. */
export function firstChunkOf(session: usize): usize {
  return load<usize>(session, FIRST_CHUNK);
}

/** The last chunk of a session, and the end of the room in it. */
export function lastChunkOf(session: usize): usize {
  return load<usize>(session, LAST_CHUNK);
}
export function roomEndOf(session: usize): usize {
  return load<usize>(session, ROOM_END);
}

/** The chunk behind one, or 0. */
export function chunkAfter(chunk: usize): usize {
  return load<usize>(chunk, NEXT);
}

/** Behind the last visit in a chunk of a session. */
export function chunkEndOf(session: usize, chunk: usize): usize {
  const isLast = chunk === load<usize>(session, LAST_CHUNK);
  return isLast ? load<usize>(session, TAIL) : load<usize>(chunk, END);
}

/** Where the next visit goes, unless it needs another chunk. */
export function tailOf(session: usize): usize {
  return load<usize>(session, TAIL);
}

/** Where the first visit of a chunk is. */
export function chunkStartOf(chunk: usize): usize {
  return chunk + HEADER_BYTES;
}

/** Bytes of the visits behind a place in a chunk of a session. */
export function bytesBehind(session: usize, chunk: usize, place: usize): i32 {
  let bytes = <i32>(chunkEndOf(session, chunk) - place);
  for (let at = chunkAfter(chunk); at !== 0; at = chunkAfter(at)) {
    bytes += <i32>(chunkEndOf(session, at) - chunkStartOf(at));
  }
  return bytes;
}

/** Gives back all chunks of a session. */
export function freeChunks(session: usize): void {
  let chunk = firstChunkOf(session);
  while (chunk !== 0) {
    const next = chunkAfter(chunk);
    free(chunk);
    chunk = next;
  }
}
