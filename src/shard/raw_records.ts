import type { RawRecords } from "../kernel/host/visit_columns.ts";
import type { Task } from "../wire/generated/task.ts";

/** The records of a task, viewed in place. */
export function rawRecords(task: Task, payload: ArrayBuffer): RawRecords {
  return {
    bytes: Buffer.from(payload),
    runPartitions: column(task.runPartitionsArray()),
    runCounts: column(task.runCountsArray()),
    runByteLengths: column(task.runByteLengthsArray()),
    runBaseOffsets: column(task.runBaseOffsetsArray()),
    runBaseTimesMs: column(task.runBaseTimesMsArray()),
    runAppendTimes: column(task.runAppendTimesArray()),
  };
}

function column<T>(values: T | null): T {
  if (values === null) {
    throw new TypeError("Cannot read task: a column of its records is missing");
  }
  return values;
}
