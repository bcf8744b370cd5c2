/** A record of the window log that is not a mark, without the visits it carries. */
export interface LogRecord {
  readonly kind: "put" | "grow" | "gone";
  /** The commit that it is of. */
  readonly commit: number;
  /** Hash of the visit_id, which says whose session it is. */
  readonly keyHash: number;
  /** Partition and offset of the visit that opened the session: its id. */
  readonly partition: number;
  readonly offset: number;
  /** Bytes of its message; those that come behind them in more records. */
  readonly messageBytes: number;
  readonly bytesBehind: number;
  /** When the session begins, ms, where a message starts with this record. */
  readonly startMs: number;
}

const KINDS = { 17: "put", 18: "grow", 19: "gone" } as const;

// Where fields are, little-endian: `src/kernel/delta/log_record.ts`.
const COMMIT = 1;
const KEY_HASH = 5;
const PARTITION = 9;
const OFFSET = 13;
const BYTES_BEHIND = 21;
const MESSAGE = 25;
const START_MS = MESSAGE;
/** The least bytes of a record: an id, or an id and what each message begins with. */
const GONE_BYTES = 21;
const MESSAGE_END = MESSAGE + 1;

/** What a record says; null when it is none of this version. */
export function readLogRecord(value: Buffer): LogRecord | null {
  const kind = KINDS[value[0] as keyof typeof KINDS];
  if (kind === undefined) return null;
  const hasMessage = kind !== "gone";
  if (value.length < (hasMessage ? MESSAGE_END : GONE_BYTES)) return null;
  const partition = value.readInt32LE(PARTITION);
  const hasStart = hasMessage && value.length >= START_MS + 8;
  return {
    kind,
    commit: value.readUInt32LE(COMMIT),
    keyHash: value.readInt32LE(KEY_HASH),
    // Of a session with visits of other partitions too, it is inverted.
    partition: partition < 0 ? ~partition : partition,
    offset: value.readDoubleLE(OFFSET),
    messageBytes: hasMessage ? value.length - MESSAGE : 0,
    bytesBehind: hasMessage ? value.readUInt32LE(BYTES_BEHIND) : 0,
    startMs: hasStart ? value.readDoubleLE(START_MS) : Number.NaN,
  };
}
