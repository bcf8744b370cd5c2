import type { VisitColumns } from "../kernel/host/visit_columns.ts";
import type { RecordReader } from "../record/record_reader.ts";

/** A record as it came; what is null is not there, or nobody keeps it. */
export interface RecordContents {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

/** Nothing of a record is known. */
export const NO_CONTENTS: RecordContents = { key: null, value: null };

/** Where key and value stand; -1 long for null. */
type RecordPlace = Pick<
  RecordReader,
  "keyStart" | "keyLength" | "valueStart" | "valueLength"
>;

/** A view of a record that lies in these bytes. */
export function contentsOf(bytes: Buffer, place: RecordPlace): RecordContents {
  const { keyStart, keyLength, valueStart, valueLength } = place;
  return {
    key: sliceOf(bytes, keyStart, keyLength),
    value: sliceOf(bytes, valueStart, valueLength),
  };
}

function sliceOf(bytes: Buffer, start: number, length: number): Buffer | null {
  return length < 0 ? null : bytes.subarray(start, start + length);
}

/**
 * Where a shard gets its visits from, some at a time: they stay in the kernel's
 * memory until they are applied.
 */
export interface VisitReader<Part> {
  /** The visits of the last call of `next`, one row a record. */
  readonly visits: VisitColumns;
  /** Bytes of the records of that call, unpacked; 0 where a scan told of them. */
  readonly recordBytes: number;
  /** Rows of that call that are rejected. */
  readonly rejected: readonly number[];
  /**
   * Starts with a part of a task. `nowMs`, in ms since the epoch, stands in for
   * the timestamp that a record has not.
   */
  open(part: Part, nowMs: number): void;
  /** Reads the next visits; false when there are none. Throws for what is no part. */
  next(): boolean;
  /** Tells the latest event time of each partition, some more than once. */
  tellClocks(observe: (partition: number, ms: number) => void): void;
  /** The first row with a visit that another of the shards owns, or -1. */
  findForeign(shard: number, shardCount: number): number;
  /** The record of a row; valid until the next call of `next`. */
  record(row: number): RecordContents;
}
