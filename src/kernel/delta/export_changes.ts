import { copyText } from "../bytes/text.ts";
import {
  batchedBytes,
  createBatches,
  LOG_BATCHES,
  takeBatches,
} from "../output/partition_batches.ts";
import {
  changedCount,
  changedSession,
  clearChanges,
  GONE_HASH,
  GONE_OFFSET,
  GONE_PARTITION,
  goneAt,
  goneCount,
  keepChanges,
  noteWritten,
} from "../session/changes.ts";
import { loggedPlaceOf } from "../session/logged.ts";
import { tailOf } from "../session/visit_chunks.ts";
import { startLogRecord } from "./log_batches.ts";
import { KIND_GONE } from "./log_record.ts";
import { FRONT, writeId } from "./record_front.ts";
import { writeMessage } from "./session_message.ts";

/*
 * Writes what has changed since the last commit into the batches of the window
 * log, in as many calls as it takes; nothing may change between them.
 */
const STATE: usize = memory.data(16, 16);
/** Most bytes of the value of a record. */
const RECORD_BYTES_MAX: usize = 0;
/** Those of the lists that are written. */
const GONE_DONE: usize = 4;
const CHANGED_DONE: usize = 8;

/** Sessions that are looked at together before they are written. */
const WARM_SESSIONS: i32 = 32;

/** Takes what was read. It is exported, or the compiler would take it out. */
export let exportWarmedSum: u32 = 0;

/** Begins to note changes, for records and batches of so many bytes at most. */
export function createLog(recordBytesMax: i32, batchBytesMax: i32): void {
  store<i32>(STATE, recordBytesMax, RECORD_BYTES_MAX);
  createBatches(LOG_BATCHES, 0, batchBytesMax);
  keepChanges();
}

/**
 * Writes changes of the commit of this number until so many bytes more are
 * written; false when there are more.
 */
export function exportChanges(commit: i32, bytesMax: u32): bool {
  const end = batchedBytes(LOG_BATCHES) + bytesMax;
  while (load<i32>(STATE, GONE_DONE) < goneCount()) {
    if (batchedBytes(LOG_BATCHES) >= end) return false;
    const index = load<i32>(STATE, GONE_DONE);
    writeGone(goneAt(index));
    store<i32>(STATE, index + 1, GONE_DONE);
  }
  while (load<i32>(STATE, CHANGED_DONE) < changedCount()) {
    if (batchedBytes(LOG_BATCHES) >= end) return false;
    writeChanged(commit);
  }
  clearChanges();
  beginAnew();
  return true;
}

/** Forgets what is written and not taken, and what was to be written. */
export function dropExport(): void {
  clearChanges();
  beginAnew();
  takeBatches(LOG_BATCHES);
}

function beginAnew(): void {
  store<i32>(STATE, 0, GONE_DONE);
  store<i32>(STATE, 0, CHANGED_DONE);
}

function writeGone(gone: usize): void {
  const marked = load<i32>(gone, GONE_PARTITION);
  const hash = load<i32>(gone, GONE_HASH);
  const offset = load<f64>(gone, GONE_OFFSET);
  const length = <i32>(writeId(KIND_GONE, hash, marked, offset) - FRONT);
  const at = startLogRecord(marked < 0 ? ~marked : marked, length);
  copyText(FRONT, at, length);
}

/** Writes of the next session of the list what a record holds. */
function writeChanged(commit: i32): void {
  const index = load<i32>(STATE, CHANGED_DONE);
  if (index % WARM_SESSIONS === 0) warm(index);
  const session = changedSession(index);
  if (session !== 0) {
    const recordBytesMax = load<i32>(STATE, RECORD_BYTES_MAX);
    if (!writeMessage(session, commit, recordBytesMax)) return;
    noteWritten(index);
  }
  store<i32>(STATE, index + 1, CHANGED_DONE);
}

/** Reads what the next sessions need, so that their cache misses overlap. */
function warm(from: i32): void {
  const end = min(changedCount(), from + WARM_SESSIONS);
  let sum: u32 = 0;
  for (let index = from; index < end; index++) {
    const session = changedSession(index);
    if (session === 0) continue;
    sum += load<u32>(session) + load<u32>(session, 64);
    sum += load<u32>(session, 128) + load<u32>(session, 192);
  }
  for (let index = from; index < end; index++) {
    const session = changedSession(index);
    if (session === 0) continue;
    // The place of one that is to be put whole is 0, where the memory begins.
    sum += load<u8>(loggedPlaceOf(session)) + load<u8>(tailOf(session) - 1);
  }
  exportWarmedSum = sum;
}
