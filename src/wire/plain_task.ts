import type { TaskMessage } from "./messages.ts";
import { encodeTask } from "./task_codec.ts";

/** What a task says beside its records. */
export interface PlainTaskHeader {
  readonly sequence: number;
  /** Stands for the time of the wall clock too, while it is finite. */
  readonly watermarkMs: number;
}

/** A task whose records are all of partition 0, in order and without keys. */
export function plainTask(
  { sequence, watermarkMs }: PlainTaskHeader,
  values: readonly Uint8Array[],
): TaskMessage {
  const header = {
    sequence,
    nowMs: Number.isFinite(watermarkMs) ? watermarkMs : 0,
    mergedWatermarkMs: watermarkMs,
    clocksMs: Float64Array.of(watermarkMs),
    states: Uint8Array.of(0),
    droppedPartitions: null,
  };
  if (values.length === 0) {
    const envelope = encodeTask(header, null);
    return { envelope, payload: null, spares: [] };
  }
  const envelope = encodeTask(header, {
    valueLengths: Int32Array.from(values, (value) => value.length),
    keyLengths: new Int32Array(0),
    offsetDeltas: Int32Array.from(values, (_, index) => index),
    timestampsMs: new Float64Array(0),
    runPartitions: Int32Array.of(0),
    runCounts: Int32Array.of(values.length),
    runBaseOffsets: Float64Array.of(0),
  });
  return { envelope, payload: joined(values), spares: [] };
}

function joined(values: readonly Uint8Array[]): ArrayBuffer {
  const byteLength = values.reduce((sum, value) => sum + value.length, 0);
  const bytes = new Uint8Array(byteLength);
  let at = 0;
  for (const value of values) {
    bytes.set(value, at);
    at += value.length;
  }
  return bytes.buffer;
}
