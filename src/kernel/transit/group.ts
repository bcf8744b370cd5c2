import { intAt, setIntAt } from "../bytes/int_list.ts";
import { hashKey, shardOf } from "../bytes/key_hash.ts";
import { writeText } from "../bytes/text_writer.ts";
import {
  GROUP_BYTES,
  ROW_HASH,
  ROW_HEADER_BYTES,
  ROW_KEY_LENGTH,
  ROW_NULL,
  ROW_OFFSET,
  ROW_PAGE_LENGTH,
  ROW_PLACE,
  ROW_TIME_LENGTH,
  ROW_TIME_MS,
  ROW_USER_LENGTH,
  VISIT,
} from "../codes.ts";
import { allocate } from "../memory/arena.ts";
import {
  KEY_HASHES,
  KEY_LENGTHS,
  KEY_STARTS,
  OFFSETS,
  OUTCOMES,
  PAGE_LENGTHS,
  PAGE_STARTS,
  RECORD_KEY_LENGTHS,
  RECORD_KEY_STARTS,
  RECORD_STARTS,
  RECORDS,
  TIME_LENGTHS,
  TIME_STARTS,
  TIMESTAMPS_MS,
  USER_LENGTHS,
  USER_STARTS,
} from "../rows/columns.ts";
import { placeOf } from "../rows/current_visit.ts";

/*
 * Deals rows out to the shards that own them: each is written behind the others
 * of its shard, with its strings and without the rest of its record.
 *
 *     rows   | a | b | c | d | e | ...
 *     groups | b | d |          | a | c | e |         | ...
 *              of shard 0         of shard 1
 */

/** Behind each group: a text is written with up to fifteen bytes too many. */
const SLACK_BYTES: i32 = 64;

let shards: i32 = 0;
let isByKey: bool = false;
let groups: usize = 0;
/** Byte length and count of each group. */
let lengths: usize = 0;
let counts: usize = 0;
let nextRow: i32 = 0;

/**
 * Makes an empty group for each shard. The owner of a visit is that of its
 * `visit_id`, or that of the key of its record.
 */
export function createGroups(shardCount: i32, areByKey: bool): void {
  shards = shardCount;
  isByKey = areByKey;
  groups = allocate(shardCount * (GROUP_BYTES + SLACK_BYTES));
  lengths = allocate(4 * shardCount);
  counts = allocate(4 * shardCount);
  for (let shard = 0; shard < shardCount; shard++) clearGroup(shard);
}

/** Where the rows of a shard are. */
export function groupAt(shard: i32): usize {
  return groups + <usize>shard * (GROUP_BYTES + SLACK_BYTES);
}
export function groupLength(shard: i32): i32 {
  return intAt(lengths, shard);
}
export function groupCount(shard: i32): i32 {
  return intAt(counts, shard);
}

/** Forgets the rows of a shard. */
export function clearGroup(shard: i32): void {
  setIntAt(lengths, shard, 0);
  setIntAt(counts, shard, 0);
}

/**
 * Deals out the rows `[from, end)`, whose records stand `base` bytes behind the
 * place that they have here. Returns -1 when that is done, else the shard whose
 * group has no room for the row `groupedTo`: it is to be emptied, and a row that
 * has no room in an empty one is for TypeScript to write.
 */
export function groupRows(from: i32, end: i32, base: i32): i32 {
  for (let row = from; row < end; row++) {
    const shard = ownerOf(row);
    const length = intAt(lengths, shard);
    if (length + byteLengthOf(row) > GROUP_BYTES) {
      nextRow = row;
      return shard;
    }
    const rowEnd = writeRow(row, groupAt(shard) + length, base);
    const newLength = <i32>(rowEnd - groupAt(shard));
    if (!ASC_NO_ASSERT) assert(newLength === length + byteLengthOf(row));
    setIntAt(lengths, shard, newLength);
    setIntAt(counts, shard, intAt(counts, shard) + 1);
  }
  nextRow = end;
  return -1;
}

/** The row at which `groupRows` has stopped. */
export function groupedTo(): i32 {
  return nextRow;
}

function isVisit(row: i32): bool {
  return load<u8>(OUTCOMES + row) === VISIT;
}

/** The owner of a row; rejected ones are the first shard's. */
function ownerOf(row: i32): i32 {
  if (!isVisit(row)) return 0;
  if (!isByKey) return shardOf(intAt(KEY_HASHES, row), shards);
  const length = intAt(RECORD_KEY_LENGTHS, row);
  if (length <= 0) return 0;
  const start = <i32>RECORDS + intAt(RECORD_KEY_STARTS, row);
  return shardOf(hashKey(start, length), shards);
}

/** Bytes that `writeRow` writes. */
function byteLengthOf(row: i32): i32 {
  if (!isVisit(row)) return ROW_HEADER_BYTES;
  return (
    ROW_HEADER_BYTES +
    intAt(KEY_LENGTHS, row) +
    max(0, intAt(USER_LENGTHS, row)) +
    max(0, intAt(PAGE_LENGTHS, row)) +
    intAt(TIME_LENGTHS, row)
  );
}

/** Writes a row; returns where it ends. */
function writeRow(row: i32, to: usize, base: i32): usize {
  const place = (<usize>row) << 3;
  store<i32>(to, base + intAt(RECORD_STARTS, row), ROW_PLACE);
  store<f64>(to, load<f64>(OFFSETS + place), ROW_OFFSET);
  if (!isVisit(row)) {
    store<i32>(to, load<u8>(OUTCOMES + row), ROW_HASH);
    store<f64>(to, 0, ROW_TIME_MS);
    store<u64>(to, 0, ROW_KEY_LENGTH);
    return to + ROW_HEADER_BYTES;
  }
  const key = intAt(KEY_LENGTHS, row);
  const user = intAt(USER_LENGTHS, row);
  const page = intAt(PAGE_LENGTHS, row);
  const time = intAt(TIME_LENGTHS, row);
  if (!ASC_NO_ASSERT) assert(key > 0 && user >= -1 && page >= -1 && time > 0);
  store<i32>(to, intAt(KEY_HASHES, row), ROW_HASH);
  store<f64>(to, load<f64>(TIMESTAMPS_MS + place), ROW_TIME_MS);
  // -1 has the two bytes of `ROW_NULL`.
  store<u16>(to, key, ROW_KEY_LENGTH);
  store<u16>(to, user & ROW_NULL, ROW_USER_LENGTH);
  store<u16>(to, page & ROW_NULL, ROW_PAGE_LENGTH);
  store<u16>(to, time, ROW_TIME_LENGTH);
  let end = writeText(
    placeOf(intAt(KEY_STARTS, row)),
    to + ROW_HEADER_BYTES,
    key,
  );
  end = writeText(placeOf(intAt(USER_STARTS, row)), end, max(0, user));
  end = writeText(placeOf(intAt(PAGE_STARTS, row)), end, max(0, page));
  return writeText(placeOf(intAt(TIME_STARTS, row)), end, time);
}
