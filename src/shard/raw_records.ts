import type { RawRecords } from "../window/visit_columns.ts";
import type { Task } from "../wire/generated/task.ts";

/** The records of a task, viewed in place. */
export function rawRecords(
  task: Task,
  payload: ArrayBuffer,
  options: { carriesKeys: boolean },
): RawRecords {
  const valueLengths = column(task.valueLengthsArray());
  const timestampsMs = task.timestampsMsArray();
  return {
    bytes: Buffer.from(payload),
    count: valueLengths.length,
    keyLengths: options.carriesKeys ? column(task.keyLengthsArray()) : null,
    valueLengths,
    runPartitions: column(task.runPartitionsArray()),
    runCounts: column(task.runCountsArray()),
    runBaseOffsets: column(task.runBaseOffsetsArray()),
    offsetDeltas: column(task.offsetDeltasArray()),
    timestampsMs:
      timestampsMs === null || timestampsMs.length === 0 ? null : timestampsMs,
  };
}

function column<T>(values: T | null): T {
  if (values === null) {
    throw new TypeError("Cannot read task: a column of its records is missing");
  }
  return values;
}
