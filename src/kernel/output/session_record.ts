import { murmur2 } from "../bytes/murmur2.ts";
import { hasEscape, writePlain } from "../bytes/plain_text.ts";
import { copyText } from "../bytes/text.ts";
import { varintLength, writeVarint } from "../bytes/varint.ts";
import {
  FIRED_KEY,
  FIRED_KEY_LENGTH,
  FIRED_NEW_VISITS,
  FIRED_VALUE,
  FIRED_VALUE_LENGTH,
} from "../codes.ts";
import { allocate, free } from "../memory/arena.ts";
import { firedAddress, firedCount } from "../text/fired.ts";
import {
  partitionCount,
  SESSION_BATCHES,
  startRecord,
} from "./partition_batches.ts";
import { headersLength, writeHeaders } from "./session_headers.ts";

/*
 * The Kafka record of a session: its key is the `visit_id` itself, its value the
 * JSON, its headers the metadata.
 */

/** What was appended since `clearAppended`. */
const STATE: usize = memory.data(16, 16);
const SESSIONS: usize = 0;
const VISITS: usize = 8;

/**
 * Appends the session that was fired last to the batch of its key's partition.
 * False when the topic does not take such a large record.
 */
export function appendFired(): bool {
  const canonical = firedAddress(FIRED_KEY);
  const canonicalLength = firedCount(FIRED_KEY_LENGTH);
  if (!hasEscape(canonical, canonicalLength)) {
    return append(canonical, canonicalLength);
  }
  const key = allocate(canonicalLength);
  const end = writePlain(canonical, canonicalLength, key);
  const isAppended = append(key, <i32>(end - key));
  free(key);
  return isAppended;
}

function append(key: usize, keyLength: i32): bool {
  const valueLength = firedCount(FIRED_VALUE_LENGTH);
  const tailLength =
    <i64>varintLength(keyLength) +
    keyLength +
    varintLength(valueLength) +
    valueLength +
    headersLength();
  const partition = partitionOf(key, keyLength);
  const start = startRecord(SESSION_BATCHES, partition, tailLength);
  if (start === 0) return false;
  let at = writeVarint(start, keyLength);
  at = copyText(key, at, keyLength);
  at = writeVarint(at, valueLength);
  memory.copy(at, firedAddress(FIRED_VALUE), valueLength);
  const end = writeHeaders(at + valueLength);
  if (!ASC_NO_ASSERT) assert(end === start + <usize>tailLength);
  store<i32>(STATE, appendedSessions() + 1, SESSIONS);
  const visits = appendedVisits() + <f64>firedCount(FIRED_NEW_VISITS);
  store<f64>(STATE, visits, VISITS);
  return true;
}

/** Where Kafka's clients put a key. */
function partitionOf(key: usize, keyLength: i32): i32 {
  const hash = murmur2(key, keyLength) & 0x7fffffff;
  return <i32>(hash % partitionCount(SESSION_BATCHES));
}

/** Sessions that were appended since `clearAppended`. */
export function appendedSessions(): i32 {
  return load<i32>(STATE, SESSIONS);
}

/** Visits of theirs that no earlier firing held. */
export function appendedVisits(): f64 {
  return load<f64>(STATE, VISITS);
}

/** Begins to count anew. */
export function clearAppended(): void {
  store<i32>(STATE, 0, SESSIONS);
  store<f64>(STATE, 0, VISITS);
}
