import { RecordReader } from "../../src/record/record_reader.ts";
import type { KeptBatch } from "./log_model.ts";

/** What a record of the window log says in front of its message. */
export interface LogRecord {
  readonly kind: "put" | "grow" | "gone";
  readonly id: string;
  readonly partition: number;
  readonly commit: number;
  readonly isMixed: boolean;
  /** Bytes of the value. */
  readonly length: number;
  /** Bytes of the message that are in the next records. */
  readonly behind: number;
  /** Bytes of the whole record. */
  readonly recordBytes: number;
}

const KINDS = new Map<number, LogRecord["kind"]>([
  [0x11, "put"],
  [0x12, "grow"],
  [0x13, "gone"],
]);

/** The records of batches. */
export function recordsOf(batches: readonly KeptBatch[]): LogRecord[] {
  const reader = new RecordReader();
  return batches.flatMap(({ partition, records, count }) => {
    let at = 0;
    return Array.from({ length: count }, () => {
      if (!reader.read(records, at, records.length) || reader.keyLength > 0) {
        throw new Error(`Cannot read record at ${at}`);
      }
      const value = records.subarray(
        reader.valueStart,
        reader.valueStart + reader.valueLength,
      );
      const recordBytes = reader.end - at;
      at = reader.end;
      return { ...recordOf(value), partition, recordBytes };
    });
  });
}

/** A record as tests compare it: `put 0-3`. */
export function nameOf({ kind, id }: LogRecord): string {
  return `${kind} ${id}`;
}

function recordOf(value: Buffer): Omit<LogRecord, "partition" | "recordBytes"> {
  const kind = KINDS.get(value[0]!);
  if (kind === undefined) throw new Error(`Cannot read kind ${value[0]}`);
  const marked = value.readInt32LE(9);
  const partition = marked < 0 ? ~marked : marked;
  return {
    kind,
    commit: value.readUInt32LE(1),
    id: `${partition}-${value.readDoubleLE(13)}`,
    isMixed: marked < 0,
    length: value.length,
    behind: kind === "gone" ? 0 : value.readUInt32LE(21),
  };
}
