import { Builder, ByteBuffer } from "flatbuffers";
import { Task } from "./generated/task.ts";

/** The runs of records that a task holds: see `RawRecords`. */
export interface RunColumns {
  readonly runPartitions: Int32Array;
  readonly runCounts: Int32Array;
  readonly runByteLengths: Int32Array;
  readonly runBaseOffsets: Float64Array;
  readonly runBaseTimesMs: Float64Array;
  readonly runAppendTimes: Uint8Array;
}

/** What main knows of time, as every task carries it. */
export interface TaskHeader {
  readonly sequence: number;
  readonly nowMs: number;
  readonly mergedWatermarkMs: number;
  readonly clocksMs: Float64Array;
  readonly states: Uint8Array;
  /** Another task follows for sure: a little output may wait for its report. */
  readonly isFollowed: boolean;
}

/** Encodes the envelope of a task; `runs` is null when it has no records. */
export function encodeTask(
  header: TaskHeader,
  runs: RunColumns | null,
): Uint8Array<ArrayBuffer> {
  const builder = new Builder(runs === null ? 512 : sizeOf(runs));
  const clocks = Task.createClocksMsVector(builder, header.clocksMs);
  const states = Task.createStatesVector(builder, header.states);
  const addRuns = runs === null ? null : columns(builder, runs);
  Task.startTask(builder);
  Task.addSequence(builder, header.sequence);
  Task.addNowMs(builder, header.nowMs);
  Task.addMergedWatermarkMs(builder, header.mergedWatermarkMs);
  Task.addClocksMs(builder, clocks);
  Task.addStates(builder, states);
  Task.addIsFollowed(builder, header.isFollowed);
  addRuns?.();
  builder.finish(Task.endTask(builder));
  return ownBytes(builder);
}

/** Builds the column vectors; returns what adds them to the open table. */
function columns(builder: Builder, runs: RunColumns): () => void {
  const times = Task.createRunBaseTimesMsVector(builder, runs.runBaseTimesMs);
  const bases = Task.createRunBaseOffsetsVector(builder, runs.runBaseOffsets);
  const parts = Task.createRunPartitionsVector(builder, runs.runPartitions);
  const counts = Task.createRunCountsVector(builder, runs.runCounts);
  const lengths = Task.createRunByteLengthsVector(builder, runs.runByteLengths);
  const appends = Task.createRunAppendTimesVector(builder, runs.runAppendTimes);
  return () => {
    Task.addRunPartitions(builder, parts);
    Task.addRunCounts(builder, counts);
    Task.addRunByteLengths(builder, lengths);
    Task.addRunBaseOffsets(builder, bases);
    Task.addRunBaseTimesMs(builder, times);
    Task.addRunAppendTimes(builder, appends);
  };
}

function sizeOf(runs: RunColumns): number {
  // A power of two keeps the builder's alignment from the end true at the
  // start as well, so that the columns can be viewed in place.
  return 1 << (32 - Math.clz32(runs.runCounts.length * 32 + 512));
}

/** The finished bytes, with the builder's whole buffer behind them. */
export function ownBytes(builder: Builder): Uint8Array<ArrayBuffer> {
  const bytes = builder.asUint8Array();
  return new Uint8Array(
    bytes.buffer as ArrayBuffer,
    bytes.byteOffset,
    bytes.byteLength,
  );
}

/** Reads the envelope of a task in place. */
export function decodeTask(envelope: Uint8Array): Task {
  return Task.getRootAsTask(new ByteBuffer(envelope));
}
