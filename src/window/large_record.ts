import { VarintReader } from "../varint_reader.ts";
import type { RunCursor } from "./run_cursor.ts";
import type { VisitColumns } from "./visit_columns.ts";

const varint = new VarintReader();

/**
 * Reads what stands around the value of a record that is too large for the
 * kernel into row 0, and moves the cursor on. Throws an `Error` when it is no
 * Kafka record (v2) either.
 */
export function readLargeRecord(
  bytes: Buffer,
  runs: RunCursor,
  visits: VisitColumns,
): void {
  const byteLength = varint.read(bytes, runs.at);
  const end = varint.end + byteLength;
  // One byte of attributes, of which none has a meaning, is stepped over.
  const timeDelta = varint.read(bytes, varint.end + 1);
  const offsetDelta = varint.read(bytes, varint.end);
  const keyLength = varint.read(bytes, varint.end);
  const keyStart = varint.end;
  const valueLength = varint.read(bytes, keyStart + Math.max(0, keyLength));
  const valueStart = varint.end;
  const isWhole = byteLength > 0 && end <= runs.end;
  if (!isWhole || !(valueStart + Math.max(0, valueLength) <= end)) {
    throw runs.corrupt();
  }
  visits.partition[0] = runs.partition;
  visits.offset[0] = runs.baseOffset + offsetDelta;
  visits.recordTimeMs[0] =
    runs.hasAppendTime === 1 ? runs.baseTimeMs : runs.baseTimeMs + timeDelta;
  visits.recordKeyStart[0] = keyStart;
  visits.recordKeyLength[0] = keyLength;
  visits.valueStart[0] = valueStart;
  visits.valueLength[0] = valueLength;
  runs.advance(1, end);
}
