import { WindowKernel } from "../kernel/host/window_kernel.ts";
import { createEncoder } from "../sink/encode/create_encoder.ts";
import { ChunkReader } from "../window/chunk_reader.ts";
import { ChunkScanner } from "../window/chunk_scanner.ts";
import { KernelStore } from "../window/kernel_store.ts";
import { RowReader } from "../window/row_reader.ts";
import type { VisitReader } from "../window/visit_reader.ts";
import type { TaskMessage } from "../wire/messages.ts";
import { CHUNKS, PartReader, ROWS } from "./part_reader.ts";
import { SessionShard } from "./session_shard.ts";
import type { ShardOptions } from "./shard_options.ts";

/** A shard with all that it is made of. */
export function createShard(options: ShardOptions): SessionShard {
  const kernel = new WindowKernel();
  const store = new KernelStore(options.window, kernel);
  return new SessionShard(options, {
    ...{ store, ...(options.keepsChanges && { changes: store }) },
    reader: createReader(options, kernel),
    encoder: createEncoder(options.encoder, kernel),
  });
}

/**
 * What reads the visits of a shard's tasks into a kernel: the only shard scans
 * chunks itself, one of several gets rows.
 */
export function createReader(
  { window, maxRecordBytes, shardCount }: ShardOptions,
  kernel: WindowKernel,
): VisitReader<TaskMessage> {
  if (shardCount > 1) {
    return new PartReader(new RowReader(kernel), ROWS);
  }
  const rules = { ...window, maxRecordBytes };
  return new PartReader(new ChunkReader(rules, kernel), CHUNKS);
}

/** What scans chunks for all shards of a run, in the thread of any of them. */
export function createScanner(options: ShardOptions): ChunkScanner {
  const { window, maxRecordBytes, shardCount, routeBy } = options;
  const rules = { ...window, maxRecordBytes };
  return new ChunkScanner(rules, { shardCount, routeBy });
}
