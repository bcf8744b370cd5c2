import { Builder, ByteBuffer } from "flatbuffers";
import { Task } from "./generated/task.ts";

/** What main knows of time, as every task carries it. */
export interface TaskHeader {
  readonly sequence: number;
  readonly nowMs: number;
  /**
   * Stands in for the time that a record has not, ms; `nowMs` when left out. With
   * +Infinity no such record is too far ahead, whenever it is read.
   */
  readonly skewNowMs?: number;
  readonly mergedWatermarkMs: number;
  readonly clocksMs: Float64Array;
  readonly states: Uint8Array;
  /** Another task follows for sure: a little output may wait for its report. */
  readonly isFollowed: boolean;
  /** The round that ends with the task; 0 for none. */
  readonly round: number;
  /**
   * The commit whose barrier is behind the task's visits and before its
   * watermark; none when left out or 0.
   */
  readonly barrier?: number;
}

/** Encodes the envelope of a task. */
export function encodeTask(header: TaskHeader): Uint8Array<ArrayBuffer> {
  const builder = new Builder(512);
  const clocks = Task.createClocksMsVector(builder, header.clocksMs);
  const states = Task.createStatesVector(builder, header.states);
  Task.startTask(builder);
  Task.addSequence(builder, header.sequence);
  Task.addNowMs(builder, header.nowMs);
  Task.addMergedWatermarkMs(builder, header.mergedWatermarkMs);
  Task.addClocksMs(builder, clocks);
  Task.addStates(builder, states);
  Task.addSkewNowMs(builder, header.skewNowMs ?? header.nowMs);
  Task.addRound(builder, header.round);
  Task.addIsFollowed(builder, header.isFollowed);
  Task.addBarrier(builder, header.barrier ?? 0);
  builder.finish(Task.endTask(builder));
  return ownBytes(builder);
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
