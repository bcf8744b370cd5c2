import { Builder, ByteBuffer } from "flatbuffers";
import { Task } from "./generated/task.ts";

/** The records of a task, column by column; lengths are -1 for null. */
export interface RecordColumns {
  readonly valueLengths: Int32Array;
  /** Empty when keys are not carried. */
  readonly keyLengths: Int32Array;
  readonly offsetDeltas: Int32Array;
  /** Empty when event times are not checked for skew. */
  readonly timestampsMs: Float64Array;
  readonly runPartitions: Int32Array;
  readonly runCounts: Int32Array;
  readonly runBaseOffsets: Float64Array;
}

/** What main knows of time, as every task carries it. */
export interface TaskHeader {
  readonly sequence: number;
  readonly nowMs: number;
  readonly mergedWatermarkMs: number;
  readonly clocksMs: Float64Array;
  readonly states: Uint8Array;
  /** Partitions whose windows go, when a new assignment begins. */
  readonly droppedPartitions: readonly number[] | null;
}

/** Encodes the envelope of a task; `records` is null when it has none. */
export function encodeTask(
  header: TaskHeader,
  records: RecordColumns | null,
): Uint8Array<ArrayBuffer> {
  const builder = new Builder(records === null ? 512 : sizeOf(records));
  const clocks = Task.createClocksMsVector(builder, header.clocksMs);
  const states = Task.createStatesVector(builder, header.states);
  const dropped =
    header.droppedPartitions === null
      ? 0
      : Task.createDroppedPartitionsVector(builder, [
          ...header.droppedPartitions,
        ]);
  const addRecords = records === null ? null : columns(builder, records);
  Task.startTask(builder);
  Task.addSequence(builder, header.sequence);
  Task.addNowMs(builder, header.nowMs);
  Task.addMergedWatermarkMs(builder, header.mergedWatermarkMs);
  Task.addClocksMs(builder, clocks);
  Task.addStates(builder, states);
  if (header.droppedPartitions !== null) {
    Task.addReassigned(builder, true);
    Task.addDroppedPartitions(builder, dropped);
  }
  addRecords?.();
  builder.finish(Task.endTask(builder));
  return ownBytes(builder);
}

/** Builds the column vectors; returns what adds them to the open table. */
function columns(builder: Builder, records: RecordColumns): () => void {
  const values = Task.createValueLengthsVector(builder, records.valueLengths);
  const keys = Task.createKeyLengthsVector(builder, records.keyLengths);
  const deltas = Task.createOffsetDeltasVector(builder, records.offsetDeltas);
  const times = Task.createTimestampsMsVector(builder, records.timestampsMs);
  const parts = Task.createRunPartitionsVector(builder, records.runPartitions);
  const counts = Task.createRunCountsVector(builder, records.runCounts);
  const bases = Task.createRunBaseOffsetsVector(
    builder,
    records.runBaseOffsets,
  );
  return () => {
    Task.addValueLengths(builder, values);
    Task.addKeyLengths(builder, keys);
    Task.addOffsetDeltas(builder, deltas);
    Task.addTimestampsMs(builder, times);
    Task.addRunPartitions(builder, parts);
    Task.addRunCounts(builder, counts);
    Task.addRunBaseOffsets(builder, bases);
  };
}

function sizeOf(records: RecordColumns): number {
  const bytes =
    records.valueLengths.length * 20 + records.runCounts.length * 16;
  // A power of two keeps the builder's alignment from the end true at the
  // start as well, so that the columns can be viewed in place.
  return 1 << (32 - Math.clz32(bytes + 512));
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
