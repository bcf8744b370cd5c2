/*
 * The leaves of the record that is being scanned: its strings, numbers and
 * literals.
 */

/** Records with more leaves than this are left undecided. */
export const LEAVES_MAX: i32 = 256;

/** First byte of each leaf of a record, the opening quote of a string. */
export const LEAF_STARTS: usize = memory.data(4 * 4 * LEAVES_MAX, 16);
/** The byte behind each leaf; `~` of it for an odd string. */
export const LEAF_ENDS: usize = memory.data(4 * 4 * LEAVES_MAX, 16);
/** Bytes of such a list: of four records that are scanned together each has one. */
export const LEAVES_BYTES: usize = 4 * LEAVES_MAX;

/** Places in the list of fields. */
export const VISIT_ID: i32 = 0;
export const EVENT_TIME: i32 = 1;
export const PAGE: i32 = 2;
export const USER_ID: i32 = 3;
