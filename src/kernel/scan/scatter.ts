import { intAt, setIntAt } from "../bytes/int_list.ts";
import { hashKey, shardOf } from "../bytes/key_hash.ts";
import { copyText } from "../bytes/text.ts";
import { RECORDS_BYTES } from "../codes.ts";
import { allocate } from "../memory/arena.ts";
import {
  RECORD_KEY_LENGTHS,
  RECORD_KEY_STARTS,
  RECORDS,
} from "../rows/columns.ts";
import { readRecord, valueLengthOf, valueStartOf } from "./record.ts";
import { findVisitId, visitIdLength, visitIdStart } from "./visit_id.ts";

/*
 * Deals records out to the shards that own them: each goes, as it is, behind
 * the others of its shard.
 *
 *     records | a | b | c | d | e | ...
 *     areas   | b | d |          | a | c | e |         | ...
 *               of shard 0         of shard 1
 */

/** The kernel's own part of the main thread; other threads have none. */
let areas: usize = 0;
let shards: i32 = 0;
/** Byte length and count of each area. */
let lengths: usize = 0;
let counts: usize = 0;
/** The byte behind the last record that was dealt out. */
let position: i32 = <i32>RECORDS;

/** Makes an area for each shard. */
export function createAreas(shardCount: i32): void {
  shards = shardCount;
  areas = allocate(shardCount * RECORDS_BYTES);
  lengths = allocate(4 * shardCount);
  counts = allocate(4 * shardCount);
}

/** Where the records of a shard are. */
export function areaOf(shard: i32): usize {
  return areas + <usize>shard * RECORDS_BYTES;
}
export function areaLength(shard: i32): i32 {
  return intAt(lengths, shard);
}
export function areaCount(shard: i32): i32 {
  return intAt(counts, shard);
}

/**
 * Deals out up to `count` records from place `at` on, of which the bytes up to
 * place `end` are there; what the areas held is gone. The owner of a record is
 * that of its key, or that of its `visit_id`. Returns how many it has dealt out:
 * fewer when the next one may be anyone's, and `~` of it when that is not all
 * there.
 */
export function scatter(at: i32, end: i32, count: i32, isByKey: bool): i32 {
  memory.fill(lengths, 0, 4 * shards);
  memory.fill(counts, 0, 4 * shards);
  position = <i32>RECORDS + at;
  const bytesEnd = <i32>RECORDS + end;
  for (let index = 0; index < count; index++) {
    const next = readRecord(0, position, bytesEnd);
    if (next < 0) return ~index;
    const shard = isByKey ? shardOfKey() : shardOfVisit();
    if (shard < 0) return index;
    const length = intAt(lengths, shard);
    copyText(position, areaOf(shard) + length, next - position);
    setIntAt(lengths, shard, length + next - position);
    setIntAt(counts, shard, intAt(counts, shard) + 1);
    position = next;
  }
  return count;
}

/** The place behind the last record that was dealt out. */
export function scatteredTo(): i32 {
  return position - <i32>RECORDS;
}

/** The owner of the record that was read, by its own key. */
function shardOfKey(): i32 {
  const length = intAt(RECORD_KEY_LENGTHS, 0);
  if (length <= 0) return 0;
  const start = <i32>RECORDS + intAt(RECORD_KEY_STARTS, 0);
  return shardOf(hashKey(start, length), shards);
}

/** The same by its `visit_id`; -1 when that is not sure. */
function shardOfVisit(): i32 {
  const length = valueLengthOf(0);
  // It will be rejected.
  if (length <= 0) return 0;
  const start = valueStartOf(0);
  if (!findVisitId(start, start + length)) return -1;
  return shardOf(hashKey(visitIdStart, visitIdLength), shards);
}
