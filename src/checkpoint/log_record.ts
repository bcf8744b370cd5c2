import { VarintReader } from "../record/varint_reader.ts";

/** A record of the window log that is not a mark, without the visits it carries. */
export interface LogRecord {
  readonly kind: "put" | "grow" | "gone";
  /** The commit that it is of; null for what is no put. */
  readonly commit: number | null;
  /** Hash of the visit_id, which says whose session it is. */
  readonly keyHash: number;
  /** Partition and offset of the visit that opened the session: its id. */
  readonly partition: number;
  readonly offset: number;
  /** Bytes of its message; those that come behind them in more records. */
  readonly messageBytes: number;
  readonly bytesBehind: number;
  /**
   * When the session begins, ms, where a message starts with this record; null
   * when that has not changed.
   */
  readonly startMs: number | null;
}

const KINDS = { 1: "put", 2: "grow", 3: "gone" } as const;

// The layout is that of `src/kernel/delta/log_record.ts`.
const VERSION = 0x10;
const IN_PIECES = 4;
const KEY_HASH = 1;
const PARTITION = 5;
const HAS_START = 1;
const IN_SECONDS = 8;

/** What a record says; null when it is none of this version. */
export function readLogRecord(value: Buffer): LogRecord | null {
  const first = value[0] ?? 0;
  const isInPieces = (first & IN_PIECES) !== 0;
  const kind = KINDS[((first & ~IN_PIECES) - VERSION) as keyof typeof KINDS];
  if (kind === undefined || value.length < PARTITION) return null;
  const hasMessage = kind !== "gone";
  if (isInPieces && !hasMessage) return null;
  const varint = new VarintReader();
  const marked = varint.read(value, PARTITION);
  const offset = varint.read(value, varint.end);
  const commit = kind === "put" ? varint.read(value, varint.end) : null;
  const bytesBehind = isInPieces ? varint.read(value, varint.end) : 0;
  const messageBytes = value.length - varint.end;
  if (messageBytes < (hasMessage ? 1 : 0)) return null;
  return {
    kind,
    commit,
    keyHash: value.readInt32LE(KEY_HASH),
    // Of a session with visits of other partitions too, it is inverted.
    partition: marked < 0 ? ~marked : marked,
    offset,
    messageBytes: hasMessage ? messageBytes : 0,
    bytesBehind,
    startMs: hasMessage ? readStartMs(value, varint) : null,
  };
}

/** The start in the message that begins where `varint` has ended. */
function readStartMs(value: Buffer, varint: VarintReader): number | null {
  const parts = value[varint.end]!;
  if ((parts & HAS_START) === 0) return null;
  const start = varint.read(value, varint.end + 1);
  if (varint.end > value.length) return null;
  return (parts & IN_SECONDS) === 0 ? start : start * 1000;
}
