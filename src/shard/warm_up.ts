import type { ChunkPlace } from "../record/chunk.ts";
import { ChunkScanner } from "../window/chunk_scanner.ts";
import {
  NO_ROWS,
  packRowParts,
  type RowParts,
  rowGroups,
} from "../window/row_part.ts";
import type { TaskMessage } from "../wire/messages.ts";
import { NO_ORDERS } from "../wire/orders.ts";
import { encodeTask } from "../wire/task_codec.ts";
import { createShard } from "./create_shard.ts";
import type { ShardOptions } from "./shard_options.ts";
import { GAP_MS, TASK_BYTES, type WarmUpTask } from "./warm_up_tasks.ts";

/** Of reports, at least: what a task puts out has room, so none is left over. */
const OUTPUT_BYTES = 4 * 1024 * 1024;

/**
 * Runs visits that nobody sent through a shard that nobody hears of, and where
 * there are several through a scanner before. V8 starts with slow code and
 * compiles what turns out to be hot, which takes this thread the first half
 * second: without this, the first visits of a run wait for it.
 */
export function warmUp(
  options: ShardOptions,
  tasks: readonly WarmUpTask[],
  create = createShard,
): void {
  const window = { ...options.window, gapMs: GAP_MS, maxSkewMs: null };
  // By key: so no visit is said to be another shard's.
  const shard = create({
    ...{ ...options, window, shard: 0, routeBy: "key", keepsChanges: false },
    // The records of a task are overwritten by those of the next.
    outputBytes: Math.max(options.outputBytes, OUTPUT_BYTES),
  });
  const { maxRecordBytes, shardCount } = options;
  const rules = { ...window, maxRecordBytes };
  const owners = { shardCount: 1, routeBy: "visit_id" } as const;
  const scanner = shardCount > 1 ? new ChunkScanner(rules, owners) : null;
  const out = new SharedArrayBuffer(TASK_BYTES);
  let spares: ArrayBuffer[] = [];
  for (const [i, { chunk, watermarkMs }] of tasks.entries()) {
    const rows = scanner === null ? NO_ROWS : rowsOf(scanner, chunk, out);
    const message: TaskMessage = {
      envelope: encodeTask({
        ...{ sequence: i + 1, nowMs: 0, isFollowed: false, round: 0 },
        mergedWatermarkMs: watermarkMs,
        clocksMs: Float64Array.of(-Infinity),
        states: Uint8Array.of(1),
      }),
      ...{ chunks: scanner === null ? [chunk] : [], rows, spares, shared: [] },
      orders: NO_ORDERS,
    };
    const { payload } = shard.handle(message);
    spares = payload === null ? [] : [payload];
  }
}

/** The same as another thread has scanned them. */
function rowsOf(
  scanner: ChunkScanner,
  chunk: ChunkPlace,
  out: SharedArrayBuffer,
): RowParts {
  const { partition } = chunk;
  const answer = scanner.scan({ chunk, nowMs: 0, out, records: null });
  const memory = answer.out ?? out;
  const parts = rowGroups(answer.groups).map((group) => ({
    ...{ partition, memory, records: null },
    ...group,
  }));
  return packRowParts(parts);
}
