import type { RunConfig } from "../config/config.ts";
import type { ShardOptions } from "../shard/shard_options.ts";
import type { Outputs } from "./outputs.ts";

/** What each shard of a run is told. */
export function shardOptions(
  config: RunConfig,
  outputs: Outputs,
): ShardOptions[] {
  const { workers, window, routeBy, maxRecordBytes } = config;
  const { encoder } = outputs;
  return Array.from({ length: workers }, (_, shard) => ({
    shard,
    shardCount: workers,
    window,
    routeBy,
    maxRecordBytes,
    encoder,
    keepLate: outputs.late !== null,
    keepRejected: outputs.deadLetters !== null,
    generationTime: null,
  }));
}
