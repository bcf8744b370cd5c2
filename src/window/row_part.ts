/**
 * Visits of one partition that a shard owns, as rows one behind the other: see
 * `ROW_HEADER_BYTES`.
 */
export interface RowPart {
  readonly partition: number;
  /** Where the rows are. */
  readonly memory: SharedArrayBuffer;
  readonly at: number;
  readonly byteLength: number;
  readonly count: number;
  /** Where the rows' records are; null when nobody may ask for them. */
  readonly records: SharedArrayBuffer | null;
}
