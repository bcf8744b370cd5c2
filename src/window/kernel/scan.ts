import { NO_TIME, readEventTime } from "./event_time.ts";
import { intAt, setIntAt } from "./int_list.ts";
import { hashKey } from "./key_hash.ts";
import {
  EVENT_TIME,
  KEY_HASHES,
  KEY_LENGTHS,
  KEY_STARTS,
  LATEST_MS,
  LEAF_ENDS,
  LEAF_STARTS,
  ODD,
  OUTCOMES,
  PAGE,
  PAGE_LENGTHS,
  PAGE_STARTS,
  RECORD_ENDS,
  RECORD_STARTS,
  RECORDS,
  TIME_LENGTHS,
  TIME_STARTS,
  TIMESTAMPS_MS,
  UNDECIDED,
  USER_ID,
  USER_LENGTHS,
  USER_STARTS,
  VISIT,
  VISIT_ID,
} from "./layout.ts";
import { scanRecord } from "./record_scanner.ts";
import { prepareTemplates } from "./template.ts";

const QUOTE: u8 = 0x22;
/** Only `null` begins with it. */
const LETTER_N: u8 = 0x6e;

/** The length of null. */
const NULL_LENGTH: i32 = -1;
/** The length of what is neither null nor a string. */
const NO_STRING: i32 = i32.MIN_VALUE;

/** What positions in the memory of the kernel are less by in the columns. */
let origin: i32 = 0;
let precisionMs: i64 = 1;

prepareTemplates();

/**
 * Fills the first `count` rows. Positions come out as places in a buffer in
 * which the records that stand at `RECORDS` start at `from`.
 */
export function scan(count: i32, from: i32, precision: i32): void {
  origin = <i32>RECORDS - from;
  precisionMs = precision;
  for (let row = 0; row < count; row++) {
    const start = <i32>RECORDS + intAt(RECORD_STARTS, row);
    const end = <i32>RECORDS + intAt(RECORD_ENDS, row);
    store<u8>(OUTCOMES + row, scanRow(row, start, end));
  }
}

function scanRow(row: i32, start: i32, end: i32): u8 {
  if (start === end) return UNDECIDED;
  const fields = scanRecord(start, end);
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
    setIntAt(KEY_HASHES, row, hashKey(intAt(KEY_STARTS, row) + origin, key));
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
  const place = (<usize>row) << 3;
  if (<f64>instantMs > load<f64>(LATEST_MS + place)) return false;
  store<f64>(TIMESTAMPS_MS + place, cut(instantMs));
  setIntAt(TIME_STARTS, row, start + 1 - origin);
  setIntAt(TIME_LENGTHS, row, end - start - 2);
  return true;
}

/** Rounds down to the precision. */
function cut(instantMs: i64): f64 {
  if (precisionMs === 1) return <f64>instantMs;
  const precision = <f64>precisionMs;
  return floor(<f64>instantMs / precision) * precision;
}

/**
 * Puts a string, or null, into two columns. Returns its length: for an odd one
 * minus that with the quotes, which is below -1; `NO_STRING` for neither.
 */
function fillString(starts: usize, lengths: usize, row: i32, leaf: i32): i32 {
  let length: i32 = NULL_LENGTH;
  let start: i32 = origin;
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
  setIntAt(starts, row, start - origin);
  setIntAt(lengths, row, length);
  return length;
}
