import type {
  RawRecords,
  VisitColumns,
} from "../../src/kernel/host/visit_columns.ts";
import type { VisitScanner } from "../../src/window/visit_scanner.ts";

/** A row, copied out of the columns before the next ones are read. */
export interface ScannedRow {
  readonly outcome: number;
  readonly visitId: string | null;
  readonly eventTime: string | null;
  readonly page: string | null;
  readonly userId: string | null;
  readonly keyHash: number;
  readonly timestampMs: number;
  readonly partition: number;
  readonly offset: number;
  readonly recordKey: string | null;
  readonly value: string | null;
  /** Bytes of all strings of its chunk that were rewritten. */
  readonly spillLength: number;
}

/** All rows of some records; what a rejected one holds of a visit is noise. */
export function scanAll(
  scanner: VisitScanner,
  raw: RawRecords,
  nowMs = 0,
): ScannedRow[] {
  const rows: ScannedRow[] = [];
  scanner.open(raw, nowMs);
  while (scanner.next()) {
    for (let row = 0; row < scanner.visits.count; row++) {
      rows.push(scannedRow(scanner.visits, row));
    }
  }
  return rows;
}

/** A row of a scanner, copied. */
export function scannedRow(columns: VisitColumns, row: number): ScannedRow {
  const text = (start: Int32Array, length: Int32Array) =>
    textOf(columns, start[row]!, length[row]!);
  return {
    outcome: columns.outcome[row]!,
    visitId: text(columns.keyStart, columns.keyLength),
    eventTime: text(columns.timeStart, columns.timeLength),
    page: text(columns.pageStart, columns.pageLength),
    userId: text(columns.userStart, columns.userLength),
    keyHash: columns.keyHash[row]!,
    timestampMs: columns.timestampMs[row]!,
    partition: columns.partition[row]!,
    offset: columns.offset[row]!,
    recordKey: text(columns.recordKeyStart, columns.recordKeyLength),
    value: text(columns.valueStart, columns.valueLength),
    spillLength: columns.spillLength,
  };
}

function textOf(
  columns: VisitColumns,
  start: number,
  length: number,
): string | null {
  if (length < 0) return null;
  const bytes = start < 0 ? columns.spill : columns.bytes;
  const from = start < 0 ? ~start : start;
  return bytes.toString("latin1", from, from + length);
}
