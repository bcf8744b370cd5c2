import { WindowKernel } from "../kernel/host/window_kernel.ts";
import { createEncoder } from "../sink/encode/create_encoder.ts";
import { ChunkReader } from "../window/chunk_reader.ts";
import { ChunkScanner } from "../window/chunk_scanner.ts";
import { KernelStore } from "../window/kernel_store.ts";
import { OwnRowReader } from "../window/own_row_reader.ts";
import { CHUNKS, PartReader, ROWS, type TaskReader } from "./part_reader.ts";
import { SessionShard } from "./session_shard.ts";
import type { ShardOptions } from "./shard_options.ts";

/** What makes the scanner of a thread when it is needed first. */
export type ScannerMaker = () => ChunkScanner;

/**
 * A shard with all that it is made of. It has a scanner of its own if there is
 * none that it can share.
 */
export function createShard(
  options: ShardOptions,
  scanner: ScannerMaker = scannerMaker(options),
): SessionShard {
  const kernel = new WindowKernel();
  const store = new KernelStore(options.window, kernel);
  return new SessionShard(options, {
    ...{ store, ...(options.keepsChanges && { changes: store }) },
    reader: createReader(options, kernel, scanner),
    encoder: createEncoder(options.encoder, kernel),
  });
}

/**
 * What reads the visits of a shard's tasks into a kernel: the only shard scans
 * chunks itself, one of several gets rows, or small chunks that all get.
 */
export function createReader(
  options: ShardOptions,
  kernel: WindowKernel,
  scanner: ScannerMaker = scannerMaker(options),
): TaskReader {
  const { window, maxRecordBytes, shardCount, shard } = options;
  if (shardCount > 1) {
    return new PartReader(new OwnRowReader(kernel, { scanner, shard }), ROWS);
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

/** Makes one scanner, when it is asked for first. */
export function scannerMaker(options: ShardOptions): ScannerMaker {
  let scanner: ChunkScanner | null = null;
  return () => {
    scanner ??= createScanner(options);
    return scanner;
  };
}
