import type { RawRecords } from "../../src/kernel/host/visit_columns.ts";
import { type BuiltRecord, buildRecord } from "./record_batch_builder.ts";

/** Records that count from one offset and one time. */
export interface BuiltRun {
  readonly records: readonly BuiltRecord[];
  readonly partition?: number;
  readonly baseOffset?: number;
  /** None when left out. */
  readonly baseTimeMs?: number;
  readonly hasAppendTime?: boolean;
}

/** The records of a task, written without regard to speed. */
export function buildRuns(runs: readonly BuiltRun[]): RawRecords {
  const bytes = runs.map(({ records }) =>
    Buffer.concat(records.map(buildRecord)),
  );
  return {
    bytes: Buffer.concat(bytes),
    runPartitions: Int32Array.from(runs, (run) => run.partition ?? 0),
    runCounts: Int32Array.from(runs, (run) => run.records.length),
    runByteLengths: Int32Array.from(bytes, ({ length }) => length),
    runBaseOffsets: Float64Array.from(runs, (run) => run.baseOffset ?? 0),
    runBaseTimesMs: Float64Array.from(runs, (run) => run.baseTimeMs ?? -1),
    runAppendTimes: Uint8Array.from(runs, (run) => (run.hasAppendTime ? 1 : 0)),
  };
}

/** Records of partition 0, offsets from 0, without keys and times. */
export function buildRawRecords(
  values: readonly (string | Buffer | null)[],
): RawRecords {
  return buildRuns([
    { records: values.map((value) => ({ key: null, value })) },
  ]);
}
