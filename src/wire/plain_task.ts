import { recordByteLength, writeRecord } from "../record/record_bytes.ts";
import type { TaskMessage } from "./messages.ts";
import { NO_ORDERS } from "./orders.ts";
import { encodeTask, type TaskHeader } from "./task_codec.ts";

/** Nothing is known of time yet, and partition 0 is active. */
const NO_NEWS = {
  nowMs: 0,
  mergedWatermarkMs: -Infinity,
  clocksMs: Float64Array.of(-Infinity),
  states: Uint8Array.of(1),
  isFollowed: false,
};

/**
 * A task whose records are all of partition 0, without keys and times, and with
 * offsets that count up from `baseOffset`. The header says only what is new.
 */
export function plainTask(
  header: Pick<TaskHeader, "sequence"> & Partial<TaskHeader>,
  values: readonly Uint8Array[] = [],
  baseOffset = 0,
): TaskMessage {
  const full = { ...NO_NEWS, ...header };
  if (values.length === 0) {
    return {
      envelope: encodeTask(full, null),
      payload: null,
      orders: NO_ORDERS,
      spares: [],
    };
  }
  const payload = plainRecords(values);
  const envelope = encodeTask(full, {
    runPartitions: Int32Array.of(0),
    runCounts: Int32Array.of(values.length),
    runByteLengths: Int32Array.of(payload.byteLength),
    runBaseOffsets: Float64Array.of(baseOffset),
    runBaseTimesMs: Float64Array.of(-1),
    runAppendTimes: Uint8Array.of(0),
  });
  return { envelope, payload, orders: NO_ORDERS, spares: [] };
}

/** Values as the records of a run, without keys; null is a value too. */
export function plainRecords(
  values: readonly (Uint8Array | null)[],
): ArrayBuffer {
  const records = values.map((value) => ({
    bytes: Buffer.from(value ?? []),
    keyStart: 0,
    keyLength: -1,
    valueStart: 0,
    valueLength: value?.length ?? -1,
  }));
  const byteLength = records.reduce(
    (sum, record, index) => sum + recordByteLength(record, index),
    0,
  );
  const payload = new ArrayBuffer(byteLength);
  const bytes = Buffer.from(payload);
  let at = 0;
  for (const [index, record] of records.entries()) {
    at = writeRecord(record, index, { bytes, at });
  }
  return payload;
}
