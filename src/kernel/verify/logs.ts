import { bytesOf } from "../memory/arena.ts";
import {
  loggedChunkOf,
  loggedPlaceOf,
  loggedVisitsOf,
} from "../session/logged.ts";
import { pageTextBytes, textBytesOf } from "../session/page_text.ts";
import { BASE_TIME_MAX, visitsOf } from "../session/session.ts";
import {
  chunkAfter,
  chunkEndOf,
  chunkStartOf,
  firstChunkOf,
  lastChunkOf,
  roomEndOf,
  tailOf,
} from "../session/visit_chunks.ts";
import { baseTimeLengthOf, WHOLE_TIME } from "../session/visit_log.ts";
import {
  readPageLength,
  readTimeLength,
  readTimePlace,
  readVisit,
} from "../session/visit_reader.ts";
import { hold } from "./blocks.ts";
import {
  FAULT_LOG_CHUNKS,
  FAULT_LOG_VISITS,
  FAULT_LOGGED,
  FAULT_NONE,
} from "./faults.ts";

/*
 * Whether the log of a session is whole: its chunks one behind the other, and
 * in them as many visits as the session counts.
 */

let visits: i32 = 0;
let textBytes: i32 = 0;
/** Whether the place was come to up to which the window log has the visits. */
let isPlaceSeen: bool = false;

/** Walks the log of a session, and takes note of its chunks. */
export function verifyLog(session: usize): i32 {
  visits = 0;
  textBytes = 0;
  isPlaceSeen = loggedChunkOf(session) === 0;
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
  return isPlaceSeen ? FAULT_NONE : FAULT_LOGGED;
}

function verifyChunk(session: usize, chunk: usize): i32 {
  const end = chunkEndOf(session, chunk);
  let at = chunkStartOf(chunk);
  if (end < at || end > chunk + bytesOf(chunk)) return FAULT_LOG_CHUNKS;
  look(session, chunk, at);
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
    look(session, chunk, at);
  }
  return FAULT_NONE;
}

/** Looks whether this is the place that the session notes for the window log. */
function look(session: usize, chunk: usize, at: usize): void {
  const isPlace =
    loggedChunkOf(session) === chunk && loggedPlaceOf(session) === at;
  if (isPlace && loggedVisitsOf(session) === visits) isPlaceSeen = true;
}
