import { bytesOf } from "../memory/arena.ts";
import { pageTextBytes, textBytesOf } from "../session/page_text.ts";
import { BASE_TIME_MAX, visitsOf } from "../session/session.ts";
import {
  baseTimeLengthOf,
  CHUNK_HEADER_BYTES,
  chunkAfter,
  chunkEndOf,
  firstChunkOf,
  lastChunkOf,
  roomEndOf,
  tailOf,
  WHOLE_TIME,
} from "../session/visit_log.ts";
import {
  readPageLength,
  readTimeLength,
  readTimePlace,
  readVisit,
} from "../session/visit_reader.ts";
import { hold } from "./blocks.ts";
import { FAULT_LOG_CHUNKS, FAULT_LOG_VISITS, FAULT_NONE } from "./faults.ts";

/*
 * Whether the log of a session is whole: its chunks one behind the other, and
 * in them as many visits as the session counts.
 */

let visits: i32 = 0;
let textBytes: i32 = 0;

/** Walks the log of a session, and takes note of its chunks. */
export function verifyLog(session: usize): i32 {
  visits = 0;
  textBytes = 0;
  if (baseTimeLengthOf(session) > BASE_TIME_MAX) return FAULT_LOG_VISITS;
  let chunk = firstChunkOf(session);
  while (true) {
    const fault = hold(chunk);
    if (fault !== FAULT_NONE) return fault;
    const chunkFault = verifyChunk(session, chunk);
    if (chunkFault !== FAULT_NONE) return chunkFault;
    const next = chunkAfter(chunk);
    if (next === 0) break;
    chunk = next;
  }
  if (chunk !== lastChunkOf(session)) return FAULT_LOG_CHUNKS;
  if (roomEndOf(session) !== chunk + bytesOf(chunk)) return FAULT_LOG_CHUNKS;
  if (tailOf(session) > roomEndOf(session)) return FAULT_LOG_CHUNKS;
  const isWhole = visits === visitsOf(session);
  if (!isWhole || textBytes !== textBytesOf(session)) return FAULT_LOG_VISITS;
  return FAULT_NONE;
}

function verifyChunk(session: usize, chunk: usize): i32 {
  const end = chunkEndOf(session, chunk);
  let at = chunk + CHUNK_HEADER_BYTES;
  if (end < at || end > chunk + bytesOf(chunk)) return FAULT_LOG_CHUNKS;
  while (at < end) {
    const next = readVisit(at);
    if (next <= at || next > end) return FAULT_LOG_VISITS;
    const isChange = readTimePlace !== WHOLE_TIME;
    const changeEnd = readTimePlace + readTimeLength;
    if (isChange && changeEnd > baseTimeLengthOf(session)) {
      return FAULT_LOG_VISITS;
    }
    const length = isChange ? baseTimeLengthOf(session) : readTimeLength;
    textBytes += pageTextBytes(length, readPageLength);
    visits++;
    at = next;
  }
  return FAULT_NONE;
}
