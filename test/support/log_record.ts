import { RecordReader } from "../../src/record/record_reader.ts";
import { VarintReader } from "../../src/record/varint_reader.ts";
import type { KeptBatch } from "./log_model.ts";

/** What a record of the window log says in front of its message. */
export interface LogRecord {
  readonly kind: "put" | "grow" | "gone";
  readonly id: string;
  readonly partition: number;
  /** Of a put. */
  readonly commit: number | null;
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
  [0x15, "put"],
  [0x16, "grow"],
]);

/** The records of batches. */
export function recordsOf(batches: readonly KeptBatch[]): LogRecord[] {
  return batches.flatMap((batch) => {
    const { partition } = batch;
    return readRecords(batch).map(({ value, recordBytes }) => {
      return { ...recordOf(value), partition, recordBytes };
    });
  });
}

/** The values of the records of a batch. */
export function valuesOf(batch: KeptBatch): Buffer[] {
  return readRecords(batch).map(({ value }) => value);
}

function readRecords({ records, count }: KeptBatch) {
  const reader = new RecordReader();
  let at = 0;
  return Array.from({ length: count }, () => {
    if (!reader.read(records, at, records.length) || reader.keyLength > 0) {
      throw new Error(`Cannot read record at ${at}`);
    }
    const { valueStart, valueLength, end } = reader;
    const value = records.subarray(valueStart, valueStart + valueLength);
    const recordBytes = end - at;
    at = end;
    return { value, recordBytes };
  });
}

/** A record as tests compare it: `put 0-3`. */
export function nameOf({ kind, id }: LogRecord): string {
  return `${kind} ${id}`;
}

function recordOf(value: Buffer): Omit<LogRecord, "partition" | "recordBytes"> {
  const kind = KINDS.get(value[0]!);
  if (kind === undefined) throw new Error(`Cannot read kind ${value[0]}`);
  const varint = new VarintReader();
  const marked = varint.read(value, 5);
  const partition = marked < 0 ? ~marked : marked;
  const id = `${partition}-${varint.read(value, varint.end)}`;
  const commit = kind === "put" ? varint.read(value, varint.end) : null;
  const isInPieces = (value[0]! & 4) !== 0;
  const behind = isInPieces ? varint.read(value, varint.end) : 0;
  const { length } = value;
  return { kind, commit, id, isMixed: marked < 0, length, behind };
}
