import { placeOf } from "../../src/record/chunk.ts";
import { NO_ROWS } from "../../src/window/row_part.ts";
import type { TaskMessage } from "../../src/wire/messages.ts";
import { NO_ORDERS } from "../../src/wire/orders.ts";
import { encodeTask, type TaskHeader } from "../../src/wire/task_codec.ts";
import { chunkOf, TOPIC } from "./built_chunk.ts";

/** Nothing is known of time yet, and partition 0 is active. */
const NO_NEWS = {
  nowMs: 0,
  mergedWatermarkMs: -Infinity,
  clocksMs: Float64Array.of(-Infinity),
  states: Uint8Array.of(1),
  isFollowed: false,
  round: 0,
};

/**
 * A task for an only shard, whose records are all of partition 0, without keys
 * and times, and with offsets that count up from `baseOffset`. The header says
 * only what is new.
 */
export function plainTask(
  header: Pick<TaskHeader, "sequence"> & Partial<TaskHeader>,
  values: readonly Buffer[] = [],
  baseOffset = 0,
): TaskMessage {
  const envelope = encodeTask({ ...NO_NEWS, ...header });
  const records = values.map((value) => ({ key: null, value }));
  const batch = { baseOffset, baseTimestamp: -1, records };
  const chunk = chunkOf([batch], { partition: 0 });
  return {
    envelope,
    chunks: values.length === 0 ? [] : [placeOf(chunk, TOPIC)],
    ...{ rows: NO_ROWS, orders: NO_ORDERS, shared: [], spares: [] },
  };
}
