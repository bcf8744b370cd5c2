import type { WindowConfig } from "../config/config.ts";
import type { EncoderOptions } from "../sink/encode/session_encoder.ts";

/** What a shard is told once, when its thread starts: plain data. */
export interface ShardOptions {
  readonly shard: number;
  readonly shardCount: number;
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
}
