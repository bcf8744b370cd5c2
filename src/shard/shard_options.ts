import type { WindowConfig } from "../config/config.ts";
import type { EncoderOptions } from "../sink/encode/session_encoder.ts";

/** What all shards of a run are told: plain data. */
export interface CommonShardOptions {
  readonly window: WindowConfig;
  readonly routeBy: "visit_id" | "key";
  readonly maxRecordBytes: number;
  readonly encoder: EncoderOptions;
  /** Send late visits back whole, not only their number. */
  readonly keepLate: boolean;
  /** Send rejected records back whole, not only their number and an example. */
  readonly keepRejected: boolean;
  /** Fixed `generation_time` text; null for the time of the task. */
  readonly generationTime: string | null;
  /** Put out what changes in the windows at each barrier; not when left out. */
  readonly keepsChanges?: boolean;
}

/** What a shard is told once, when its thread starts: plain data. */
export interface ShardOptions extends CommonShardOptions {
  readonly shard: number;
  readonly shardCount: number;
  /** Its share of the bytes that reports may take on their way to the outputs. */
  readonly outputBytes: number;
}

/** The options of each shard, which share the limit on output in bytes. */
export function shardOptions(
  fleet: { readonly workers: number; readonly outputLimitBytes: number },
  common: CommonShardOptions,
): ShardOptions[] {
  const { workers, outputLimitBytes } = fleet;
  return Array.from({ length: workers }, (_, shard) => ({
    ...common,
    shard,
    shardCount: workers,
    outputBytes: Math.floor(outputLimitBytes / workers),
  }));
}
