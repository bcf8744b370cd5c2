import { NO_TIME, readEventTime } from "../bytes/event_time.ts";
import { intAt, setIntAt } from "../bytes/int_list.ts";
import { hashKey } from "../bytes/key_hash.ts";
import { ODD, UNDECIDED, VISIT } from "../codes.ts";
import {
  KEY_HASHES,
  KEY_LENGTHS,
  KEY_STARTS,
  OUTCOMES,
  PAGE_LENGTHS,
  PAGE_STARTS,
  RECORDS,
  TIME_LENGTHS,
  TIME_STARTS,
  TIMESTAMPS_MS,
  USER_LENGTHS,
  USER_STARTS,
} from "../rows/columns.ts";
import { scanRecord } from "./json_scanner.ts";
import {
  EVENT_TIME,
  LEAF_ENDS,
  LEAF_STARTS,
  PAGE,
  USER_ID,
  VISIT_ID,
} from "./leaves.ts";
import {
  CORRUPT,
  CUT_OFF,
  readRecord,
  recordTimeMsOf,
  valueLengthOf,
  valueStartOf,
} from "./record.ts";
import { prepareTemplates } from "./template.ts";

const QUOTE: u8 = 0x22;
/** Only `null` begins with it. */
const LETTER_N: u8 = 0x6e;

/** The length of null. */
const NULL_LENGTH: i32 = -1;
/** The length of what is neither null nor a string. */
const NO_STRING: i32 = i32.MIN_VALUE;

let precisionMs: f64 = 1;
let valueBytesMax: i32 = i32.MAX_VALUE;
let maxSkewMs: f64 = Infinity;
/** Stands in for the time of a record that has none, ms. */
let nowMs: f64 = 0;
/** The byte behind the last record that was read. */
let position: i32 = <i32>RECORDS;

prepareTemplates();

/**
 * Sets what decides whether a record is a visit: the precision that event
 * times are cut down to, in ms, the most bytes of a value, and how far an event
 * time may be ahead of its record, in ms.
 */
export function configure(precision: f64, bytesMax: i32, skewMs: f64): void {
  precisionMs = precision;
  valueBytesMax = bytesMax;
  maxSkewMs = skewMs;
}

/** Sets the time that stands in for the time of a record that has none. */
export function setNow(ms: f64): void {
  nowMs = ms;
}

/**
 * Reads records from place `at` on, of which the bytes up to place `end` are
 * there, into the rows `[row, rowsEnd)`. Returns how many it has read, `~` of
 * it when the next one is corrupt.
 */
export function scan(row: i32, rowsEnd: i32, at: i32, end: i32): i32 {
  position = <i32>RECORDS + at;
  const bytesEnd = <i32>RECORDS + end;
  for (let index = row; index < rowsEnd; index++) {
    const next = readRecord(index, position, bytesEnd);
    if (next === CUT_OFF) return index - row;
    if (next === CORRUPT) return ~(index - row);
    position = next;
    store<u8>(OUTCOMES + index, scanValue(index));
  }
  return rowsEnd - row;
}

/** The place behind the last record that was read. */
export function scannedTo(): i32 {
  return position - <i32>RECORDS;
}

function scanValue(row: i32): i32 {
  const length = valueLengthOf(row);
  if (length <= 0 || length > valueBytesMax) return UNDECIDED;
  const start = valueStartOf(row);
  const fields = scanRecord(start, start + length);
  if (fields === 0 || !fillTime(row, intAt(fields, EVENT_TIME))) {
    return UNDECIDED;
  }
  const key = fillString(KEY_STARTS, KEY_LENGTHS, row, intAt(fields, VISIT_ID));
  const page = fillString(PAGE_STARTS, PAGE_LENGTHS, row, intAt(fields, PAGE));
  const user = fillString(
    USER_STARTS,
    USER_LENGTHS,
    row,
    intAt(fields, USER_ID),
  );
  // A `visit_id` that is null or empty is none.
  if (key === NULL_LENGTH || key === 0) return UNDECIDED;
  const least = min(key, min(page, user));
  if (least === NO_STRING) return UNDECIDED;
  if (key > 0) {
    const keyStart = <i32>RECORDS + intAt(KEY_STARTS, row);
    setIntAt(KEY_HASHES, row, hashKey(keyStart, key));
  }
  return least < NULL_LENGTH ? ODD : VISIT;
}

/** Fills the time of a row; false when it may have none. */
function fillTime(row: i32, leaf: i32): bool {
  if (leaf < 0) return false;
  const start = intAt(LEAF_STARTS, leaf);
  const end = intAt(LEAF_ENDS, leaf);
  if (load<u8>(start) !== QUOTE || end < 0) return false;
  const instantMs = readEventTime(start + 1, end - 1);
  if (instantMs === NO_TIME) return false;
  const ownMs = recordTimeMsOf(row);
  const recordMs = ownMs < 0 ? nowMs : ownMs;
  if (<f64>instantMs > recordMs + maxSkewMs) return false;
  // Rounds down to the precision.
  const ms = floor(<f64>instantMs / precisionMs) * precisionMs;
  store<f64>(TIMESTAMPS_MS + ((<usize>row) << 3), ms);
  setIntAt(TIME_STARTS, row, start + 1 - <i32>RECORDS);
  setIntAt(TIME_LENGTHS, row, end - start - 2);
  return true;
}

/**
 * Puts a string, or null, into two columns. Returns its length: for an odd one
 * minus that with the quotes, which is below -1; `NO_STRING` for neither.
 */
function fillString(starts: usize, lengths: usize, row: i32, leaf: i32): i32 {
  let length: i32 = NULL_LENGTH;
  let start: i32 = <i32>RECORDS;
  if (leaf >= 0) {
    const first = intAt(LEAF_STARTS, leaf);
    const byte = load<u8>(first);
    if (byte === QUOTE) {
      const end = intAt(LEAF_ENDS, leaf);
      start = first + 1;
      length = end < 0 ? first - ~end : end - first - 2;
    } else if (byte !== LETTER_N) {
      return NO_STRING;
    }
  }
  setIntAt(starts, row, start - <i32>RECORDS);
  setIntAt(lengths, row, length);
  return length;
}
