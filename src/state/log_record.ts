/** A record of the window log that is not a mark, without what it carries. */
export interface LogRecord {
  readonly kind: "put" | "grow" | "gone";
  /** The commit that it is of. */
  readonly commit: number;
  /** Hash of the visit_id, which says whose session it is. */
  readonly keyHash: number;
  /** Partition and offset of the visit that opened the session: its id. */
  readonly partition: number;
  readonly offset: number;
}

const KINDS = { 17: "put", 18: "grow", 19: "gone" } as const;
const HEADER_BYTES = 21;

/** What stands at the start of a record; null when it is none of this version. */
export function readLogRecord(value: Buffer): LogRecord | null {
  const kind = KINDS[value[0] as keyof typeof KINDS];
  if (kind === undefined || value.length < HEADER_BYTES) return null;
  const partition = value.readInt32LE(9);
  return {
    kind,
    commit: value.readUInt32LE(1),
    keyHash: value.readInt32LE(5),
    // Of a session with visits of other partitions too, it is inverted.
    partition: partition < 0 ? ~partition : partition,
    offset: value.readDoubleLE(13),
  };
}
