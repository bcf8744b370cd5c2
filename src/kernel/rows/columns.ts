import { RECORDS_BYTES, ROWS_MAX } from "../codes.ts";
/*
 * The records that are being read, and the rows that they become: fixed, so
 * that nothing grows and nothing moves.
 *
 *     | records | columns, a row for each |
 */

/**
 * The records. Beyond the end up to sixteen bytes may be read of a value, some
 * more of a record that is cut off there, and as many as a template has: those
 * are in the columns.
 */
export const RECORDS: usize = memory.data(RECORDS_BYTES + 64, 16);

/** Where each record comes from, and the time it was given there, ms. */
export const PARTITIONS: usize = memory.data(4 * ROWS_MAX, 16);
export const OFFSETS: usize = memory.data(8 * ROWS_MAX, 16);
export const RECORD_TIMES_MS: usize = memory.data(8 * ROWS_MAX, 16);

/** Where each record begins. */
export const RECORD_STARTS: usize = memory.data(4 * ROWS_MAX, 16);
/** Where the key and the value of each record are; -1 for the length of null. */
export const RECORD_KEY_STARTS: usize = memory.data(4 * ROWS_MAX, 16);
export const RECORD_KEY_LENGTHS: usize = memory.data(4 * ROWS_MAX, 16);
export const VALUE_STARTS: usize = memory.data(4 * ROWS_MAX, 16);
export const VALUE_LENGTHS: usize = memory.data(4 * ROWS_MAX, 16);

/** `VISIT`, `ODD` or `UNDECIDED`. */
export const OUTCOMES: usize = memory.data(ROWS_MAX, 16);
/** Event times at the wanted precision, ms since the epoch. */
export const TIMESTAMPS_MS: usize = memory.data(8 * ROWS_MAX, 16);
/** `hashKey` of each `visit_id` that is not odd. */
export const KEY_HASHES: usize = memory.data(4 * ROWS_MAX, 16);
/** Where the strings of the visit are, without their quotes. */
export const KEY_STARTS: usize = memory.data(4 * ROWS_MAX, 16);
export const KEY_LENGTHS: usize = memory.data(4 * ROWS_MAX, 16);
export const TIME_STARTS: usize = memory.data(4 * ROWS_MAX, 16);
export const TIME_LENGTHS: usize = memory.data(4 * ROWS_MAX, 16);
export const PAGE_STARTS: usize = memory.data(4 * ROWS_MAX, 16);
export const PAGE_LENGTHS: usize = memory.data(4 * ROWS_MAX, 16);
export const USER_STARTS: usize = memory.data(4 * ROWS_MAX, 16);
export const USER_LENGTHS: usize = memory.data(4 * ROWS_MAX, 16);
