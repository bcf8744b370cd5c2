import {
  ROW_HASH,
  ROW_HEADER_BYTES,
  ROW_KEY_LENGTH,
  ROW_LONG,
  ROW_OFFSET,
  ROW_PLACE,
  ROW_TIME_MS,
} from "../kernel/codes.ts";
import type { VisitColumns } from "../kernel/host/visit_columns.ts";
import { VISIT } from "./rejection.ts";

/** A header, and the lengths of four strings. */
const LONG_HEADER_BYTES = ROW_HEADER_BYTES + 4 * 4;

/** The strings of a row, in the order in which they are written. */
function stringsOf(visits: VisitColumns): readonly [Int32Array, Int32Array][] {
  return [
    [visits.keyStart, visits.keyLength],
    [visits.userStart, visits.userLength],
    [visits.pageStart, visits.pageLength],
    [visits.timeStart, visits.timeLength],
  ];
}

/** Bytes that `writeLongRow` writes. */
export function longRowBytes(visits: VisitColumns, row: number): number {
  if (visits.outcome[row] !== VISIT) return ROW_HEADER_BYTES;
  return stringsOf(visits).reduce(
    (sum, [, lengths]) => sum + Math.max(0, lengths[row]!),
    LONG_HEADER_BYTES,
  );
}

/**
 * Writes a row that the kernel has no room for, whose record begins at `place`,
 * in the form that `codes.ts` calls long.
 */
export function writeLongRow(
  visits: VisitColumns,
  row: number,
  to: { readonly bytes: Buffer; readonly at: number; readonly place: number },
): void {
  const { bytes, at, place } = to;
  const outcome = visits.outcome[row]!;
  const isVisit = outcome === VISIT;
  bytes.fill(0, at, at + ROW_HEADER_BYTES);
  bytes.writeInt32LE(isVisit ? visits.keyHash[row]! : outcome, at + ROW_HASH);
  bytes.writeUInt32LE(place, at + ROW_PLACE);
  bytes.writeDoubleLE(visits.offset[row]!, at + ROW_OFFSET);
  if (!isVisit) return;
  bytes.writeDoubleLE(visits.timestampMs[row]!, at + ROW_TIME_MS);
  bytes.writeUInt16LE(ROW_LONG, at + ROW_KEY_LENGTH);
  let lengthAt = at + ROW_HEADER_BYTES;
  let textAt = at + LONG_HEADER_BYTES;
  for (const [starts, lengths] of stringsOf(visits)) {
    const length = lengths[row]!;
    const start = starts[row]!;
    lengthAt = bytes.writeInt32LE(length, lengthAt);
    if (length <= 0) continue;
    const from = start < 0 ? ~start : start;
    const source = start < 0 ? visits.spill : visits.bytes;
    textAt += source.copy(bytes, textAt, from, from + length);
  }
}

/**
 * Fills row 0 with the long row at `at`; returns where it ends, -1 when what is
 * there is none or reaches past `end`. All its strings go to the spill.
 */
export function readLongRow(
  bytes: Buffer,
  place: { readonly at: number; readonly end: number },
  visits: VisitColumns,
): number {
  const { at, end } = place;
  if (end - at < LONG_HEADER_BYTES) return -1;
  if (bytes.readUInt16LE(at + ROW_KEY_LENGTH) !== ROW_LONG) return -1;
  let lengthAt = at + ROW_HEADER_BYTES;
  let textAt = at + LONG_HEADER_BYTES;
  for (const [starts, lengths] of stringsOf(visits)) {
    const length = bytes.readInt32LE(lengthAt);
    const textEnd = textAt + Math.max(0, length);
    if (textEnd > end) return -1;
    lengths[0] = length;
    starts[0] = length < 0 ? 0 : visits.copyToSpill(bytes, textAt, length);
    lengthAt += 4;
    textAt = textEnd;
  }
  visits.outcome[0] = VISIT;
  visits.keyHash[0] = bytes.readInt32LE(at + ROW_HASH);
  visits.recordStart[0] = bytes.readUInt32LE(at + ROW_PLACE);
  visits.offset[0] = bytes.readDoubleLE(at + ROW_OFFSET);
  visits.timestampMs[0] = bytes.readDoubleLE(at + ROW_TIME_MS);
  return textAt;
}
