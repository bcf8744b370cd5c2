import { setIntAt } from "../bytes/int_list.ts";
import {
  ROW_HASH,
  ROW_HEADER_BYTES,
  ROW_KEY_LENGTH,
  ROW_LONG,
  ROW_NULL,
  ROW_OFFSET,
  ROW_PAGE_LENGTH,
  ROW_PLACE,
  ROW_TIME_LENGTH,
  ROW_TIME_MS,
  ROW_USER_LENGTH,
  ROWS_MAX,
  VISIT,
} from "../codes.ts";
import {
  KEY_HASHES,
  KEY_LENGTHS,
  KEY_STARTS,
  OFFSETS,
  OUTCOMES,
  PAGE_LENGTHS,
  PAGE_STARTS,
  PARTITIONS,
  RECORD_STARTS,
  RECORDS,
  TIME_LENGTHS,
  TIME_STARTS,
  TIMESTAMPS_MS,
  USER_LENGTHS,
  USER_STARTS,
} from "../rows/columns.ts";

let position: usize = RECORDS;

/**
 * Fills rows from `row` on with what `groupRows` has written, which stands at
 * `[at, end)` of the records and is all of one partition. Returns how many it
 * has filled: it stops before a row that is long, or not all there, and when
 * there are no more rows to fill.
 */
export function unpackRows(row: i32, at: i32, end: i32, partition: i32): i32 {
  const stop = RECORDS + end;
  let from = RECORDS + at;
  let index = row;
  while (from + ROW_HEADER_BYTES <= stop && index < ROWS_MAX) {
    const next = unpackRow(index, from, stop);
    if (next === 0) break;
    setIntAt(PARTITIONS, index++, partition);
    from = next;
  }
  position = from;
  return index - row;
}

/** The place behind the last row that was unpacked. */
export function unpackedTo(): i32 {
  return <i32>(position - RECORDS);
}

/** Fills a row; returns where its bytes end, 0 when they are no such row. */
function unpackRow(row: i32, from: usize, stop: usize): usize {
  const key: i32 = load<u16>(from, ROW_KEY_LENGTH);
  if (key === ROW_LONG) return 0;
  const user = lengthAt(from + ROW_USER_LENGTH);
  const page = lengthAt(from + ROW_PAGE_LENGTH);
  const time: i32 = load<u16>(from, ROW_TIME_LENGTH);
  const keyAt = from + ROW_HEADER_BYTES;
  const userAt = keyAt + key;
  const pageAt = userAt + max(0, user);
  const timeAt = pageAt + max(0, page);
  if (timeAt + time > stop) return 0;
  const hash = load<i32>(from, ROW_HASH);
  const place = (<usize>row) << 3;
  store<u8>(OUTCOMES + row, key === 0 ? <u8>hash : <u8>VISIT);
  setIntAt(KEY_HASHES, row, hash);
  setIntAt(RECORD_STARTS, row, load<i32>(from, ROW_PLACE));
  store<f64>(OFFSETS + place, load<f64>(from, ROW_OFFSET));
  store<f64>(TIMESTAMPS_MS + place, load<f64>(from, ROW_TIME_MS));
  setIntAt(KEY_STARTS, row, <i32>(keyAt - RECORDS));
  setIntAt(KEY_LENGTHS, row, key);
  setIntAt(USER_STARTS, row, <i32>(userAt - RECORDS));
  setIntAt(USER_LENGTHS, row, user);
  setIntAt(PAGE_STARTS, row, <i32>(pageAt - RECORDS));
  setIntAt(PAGE_LENGTHS, row, page);
  setIntAt(TIME_STARTS, row, <i32>(timeAt - RECORDS));
  setIntAt(TIME_LENGTHS, row, time);
  return timeAt + time;
}

/** A length of two bytes, -1 for null. */
function lengthAt(at: usize): i32 {
  const length: i32 = load<u16>(at);
  return length === ROW_NULL ? -1 : length;
}
