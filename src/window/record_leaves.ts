/** Places in `RecordLeaves.fields`. */
export const VISIT_ID = 0;
export const EVENT_TIME = 1;
export const PAGE = 2;
export const USER_ID = 3;

/** Records with more leaves than this are left to the slow path. */
export const LEAVES_MAX = 256;

/**
 * The leaves (strings, numbers and literals, at any depth) of one record in
 * the order in which they stand there, and which of them are the top-level
 * fields of a visit. A scanner owns one and fills it anew for each record.
 */
export class RecordLeaves {
  count = 0;
  /** First byte of each leaf, the opening quote of a string. */
  readonly start: Int32Array = new Int32Array(LEAVES_MAX);
  /**
   * The byte behind each leaf; `~` of it for an odd string, whose bytes are
   * not its canonical form (escapes, non-ASCII, DEL).
   */
  readonly end: Int32Array = new Int32Array(LEAVES_MAX);
  /** Index of the leaf that is each field; -1 for a missing one. */
  fields: Int32Array = new Int32Array(4);
}
