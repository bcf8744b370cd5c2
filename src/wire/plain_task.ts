import type { TaskMessage } from "./messages.ts";
import { encodeTask, type TaskHeader } from "./task_codec.ts";

/** Nothing is known of time yet, and partition 0 is active. */
const NO_NEWS = {
  nowMs: 0,
  mergedWatermarkMs: -Infinity,
  clocksMs: Float64Array.of(-Infinity),
  states: Uint8Array.of(1),
  droppedPartitions: null,
};

/**
 * A task whose records are all of partition 0, without keys and with offsets
 * that count up from `baseOffset`. The header says only what is new.
 */
export function plainTask(
  header: Pick<TaskHeader, "sequence"> & Partial<TaskHeader>,
  values: readonly Uint8Array[] = [],
  baseOffset = 0,
): TaskMessage {
  const full = { ...NO_NEWS, ...header };
  if (values.length === 0) {
    return { envelope: encodeTask(full, null), payload: null, spares: [] };
  }
  const envelope = encodeTask(full, {
    valueLengths: Int32Array.from(values, (value) => value.length),
    keyLengths: new Int32Array(0),
    offsetDeltas: Int32Array.from(values, (_, index) => index),
    timestampsMs: new Float64Array(0),
    runPartitions: Int32Array.of(0),
    runCounts: Int32Array.of(values.length),
    runBaseOffsets: Float64Array.of(baseOffset),
  });
  // A copy of its own: a small `concat` lies in a buffer that others share.
  const payload = new Uint8Array(Buffer.concat(values)).buffer;
  return { envelope, payload, spares: [] };
}
