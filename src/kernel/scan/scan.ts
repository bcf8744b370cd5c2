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
import { scanFour, scanRecord } from "./json_scanner.ts";
import {
  EVENT_TIME,
  LEAF_ENDS,
  LEAF_STARTS,
  LEAVES_BYTES,
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

/** Where the four values begin and end that are scanned together. */
const FOUR_STARTS: usize = memory.data(16, 16);
const FOUR_ENDS: usize = memory.data(16, 16);

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
  const read = readRecords(row, rowsEnd, <i32>RECORDS + end);
  scanValues(row, row + (read < 0 ? ~read : read));
  return read;
}

/** Reads what stands around the values, and returns what `scan` does. */
function readRecords(row: i32, rowsEnd: i32, bytesEnd: i32): i32 {
  for (let index = row; index < rowsEnd; index++) {
    const next = readRecord(index, position, bytesEnd);
    if (next === CUT_OFF) return index - row;
    if (next === CORRUPT) return ~(index - row);
    position = next;
  }
  return rowsEnd - row;
}

/** The place behind the last record that was read. */
export function scannedTo(): i32 {
  return position - <i32>RECORDS;
}

/** Decides on the values of rows, four at a time where that can be. */
function scanValues(row: i32, rowsEnd: i32): void {
  let index = row;
  while (index < rowsEnd) {
    if (index + 4 <= rowsEnd && scanFourValues(index)) {
      index += 4;
      continue;
    }
    store<u8>(OUTCOMES + index, scanValue(index));
    index++;
  }
}

function scanFourValues(row: i32): bool {
  for (let i = 0; i < 4; i++) {
    if (!isWanted(row + i)) return false;
    const start = valueStartOf(row + i);
    setIntAt(FOUR_STARTS, i, start);
    setIntAt(FOUR_ENDS, i, start + valueLengthOf(row + i));
  }
  const fields = scanFour(FOUR_STARTS, FOUR_ENDS);
  if (fields === 0) return false;
  for (let i = 0; i < 4; i++) {
    const leaves = LEAVES_BYTES * <usize>i;
    store<u8>(OUTCOMES + row + i, fillRow(row + i, fields, leaves));
  }
  return true;
}

function scanValue(row: i32): i32 {
  if (!isWanted(row)) return UNDECIDED;
  const start = valueStartOf(row);
  const fields = scanRecord(start, start + valueLengthOf(row));
  return fields === 0 ? UNDECIDED : fillRow(row, fields, 0);
}

/** Whether the value of a row can be one of a visit. */
function isWanted(row: i32): bool {
  const length = valueLengthOf(row);
  return length > 0 && length <= valueBytesMax;
}

/** Fills a row from the fields' leaves, which are `which` behind the lists. */
function fillRow(row: i32, fields: usize, which: usize): i32 {
  if (!fillTime(row, intAt(fields, EVENT_TIME), which)) return UNDECIDED;
  const keyLeaf = intAt(fields, VISIT_ID);
  const pageLeaf = intAt(fields, PAGE);
  const userLeaf = intAt(fields, USER_ID);
  const key = fillString(KEY_STARTS, KEY_LENGTHS, row, keyLeaf, which);
  const page = fillString(PAGE_STARTS, PAGE_LENGTHS, row, pageLeaf, which);
  const user = fillString(USER_STARTS, USER_LENGTHS, row, userLeaf, which);
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
function fillTime(row: i32, leaf: i32, which: usize): bool {
  if (leaf < 0) return false;
  const start = intAt(LEAF_STARTS + which, leaf);
  const end = intAt(LEAF_ENDS + which, leaf);
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
function fillString(
  starts: usize,
  lengths: usize,
  row: i32,
  leaf: i32,
  which: usize,
): i32 {
  let length: i32 = NULL_LENGTH;
  let start: i32 = <i32>RECORDS;
  if (leaf >= 0) {
    const first = intAt(LEAF_STARTS + which, leaf);
    const byte = load<u8>(first);
    if (byte === QUOTE) {
      const end = intAt(LEAF_ENDS + which, leaf);
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
