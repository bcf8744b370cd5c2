import { intAt, setIntAt } from "../bytes/int_list.ts";
import { shardOf } from "../bytes/key_hash.ts";
import { ROWS_MAX, VISIT } from "../codes.ts";
import { KEY_HASHES, OUTCOMES, PARTITIONS, TIMESTAMPS_MS } from "./columns.ts";

/*
 * Questions about rows that are filled.
 */

/** The latest event time of each stretch of rows of one partition. */
export const CLOCK_PARTITIONS: usize = memory.data(4 * ROWS_MAX, 16);
export const CLOCKS_MS: usize = memory.data(8 * ROWS_MAX, 16);

/** The first row from `row` on that is no visit; `end` when all are. */
export function nextOther(row: i32, end: i32): i32 {
  let at = row;
  for (; at + 16 <= end; at += 16) {
    const outcomes = v128.load(OUTCOMES + at);
    const others = i8x16.bitmask(i8x16.ne(outcomes, i8x16.splat(<i8>VISIT)));
    if (others !== 0) return at + ctz(others);
  }
  while (at < end && load<u8>(OUTCOMES + at) === VISIT) at++;
  return at;
}

/** The first of so many rows with a visit that another shard owns, or -1. */
export function findForeign(count: i32, shard: i32, shardCount: i32): i32 {
  for (let row = 0; row < count; row++) {
    if (load<u8>(OUTCOMES + row) !== VISIT) continue;
    if (shardOf(intAt(KEY_HASHES, row), shardCount) !== shard) return row;
  }
  return -1;
}

/**
 * Lists the latest event time of each stretch of one partition among so many
 * rows, as far as they are visits. Returns how many stretches have any.
 */
export function gatherClocks(count: i32): i32 {
  let stretches = 0;
  let partition = -1;
  let latestMs: f64 = 0;
  for (let row = 0; row < count; row++) {
    if (load<u8>(OUTCOMES + row) !== VISIT) continue;
    const ms = load<f64>(TIMESTAMPS_MS + ((<usize>row) << 3));
    const ofPartition = intAt(PARTITIONS, row);
    const isNew = ofPartition !== partition;
    if (isNew) {
      partition = ofPartition;
      setIntAt(CLOCK_PARTITIONS, stretches++, partition);
    }
    latestMs = isNew ? ms : max(latestMs, ms);
    store<f64>(CLOCKS_MS + ((<usize>(stretches - 1)) << 3), latestMs);
  }
  return stretches;
}
