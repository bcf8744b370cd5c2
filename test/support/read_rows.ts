import type { VisitColumns } from "../../src/kernel/host/visit_columns.ts";
import { VISIT } from "../../src/window/rejection.ts";
import type { VisitReader } from "../../src/window/visit_reader.ts";

/** A row and its record, copied out before the next ones are read. */
export interface ReadRow {
  readonly outcome: number;
  /** Null where the record is rejected, as are the others of the visit. */
  readonly visitId: string | null;
  readonly eventTime: string | null;
  readonly page: string | null;
  readonly userId: string | null;
  readonly keyHash: number | null;
  readonly timestampMs: number | null;
  readonly partition: number;
  readonly offset: number;
  readonly recordKey: string | null;
  readonly value: string | null;
  readonly isListedAsRejected: boolean;
  /** Bytes of all strings that were rewritten of the rows that came with it. */
  readonly spillLength: number;
}

/** All rows of a part. */
export function readAll<Part>(
  reader: VisitReader<Part>,
  part: Part,
  nowMs = 0,
): ReadRow[] {
  const rows: ReadRow[] = [];
  reader.open(part, nowMs);
  while (reader.next()) {
    for (let row = 0; row < reader.visits.count; row++) {
      rows.push(readRow(reader, row));
    }
  }
  return rows;
}

/** A row of a reader, copied. */
export function readRow<Part>(reader: VisitReader<Part>, row: number): ReadRow {
  const { visits } = reader;
  const isVisit = visits.outcome[row] === VISIT;
  const text = (start: Int32Array, length: Int32Array) =>
    isVisit ? textOf(visits, start[row]!, length[row]!) : null;
  const { key, value } = reader.record(row);
  return {
    outcome: visits.outcome[row]!,
    visitId: text(visits.keyStart, visits.keyLength),
    eventTime: text(visits.timeStart, visits.timeLength),
    page: text(visits.pageStart, visits.pageLength),
    userId: text(visits.userStart, visits.userLength),
    keyHash: isVisit ? visits.keyHash[row]! : null,
    timestampMs: isVisit ? visits.timestampMs[row]! : null,
    partition: visits.partition[row]!,
    offset: visits.offset[row]!,
    recordKey: key?.toString("latin1") ?? null,
    value: value?.toString("latin1") ?? null,
    isListedAsRejected: reader.rejected.includes(row),
    spillLength: visits.spillLength,
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
