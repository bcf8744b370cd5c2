import type { VisitColumns } from "../kernel/host/visit_columns.ts";
import { RecordReader } from "../record/record_reader.ts";
import type { RunCursor } from "./run_cursor.ts";

const record = new RecordReader();

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
  if (!record.read(bytes, runs.at, runs.end)) throw runs.corrupt();
  visits.partition[0] = runs.partition;
  visits.offset[0] = runs.baseOffset + record.offsetDelta;
  visits.recordTimeMs[0] =
    runs.hasAppendTime === 1
      ? runs.baseTimeMs
      : runs.baseTimeMs + record.timestampDelta;
  visits.recordKeyStart[0] = record.keyStart;
  visits.recordKeyLength[0] = record.keyLength;
  visits.valueStart[0] = record.valueStart;
  visits.valueLength[0] = record.valueLength;
  runs.advance(1, record.end);
}
