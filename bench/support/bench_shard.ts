import { resolveOptions } from "../../src/config/resolve_options.ts";
import { windowConfigOf } from "../../src/config/run_config.ts";
import { WINDOW_OPTIONS } from "../../src/config/window_options.ts";
import {
  type ShardOptions,
  shardOptions,
} from "../../src/shard/shard_options.ts";

const DEFAULTS = { flags: {}, environment: {}, file: null, presets: null };
const RECORD_BYTES = 1 << 20;

/** The only shard of a run from Kafka to Kafka, with the default windows. */
export const SHARD_OPTIONS: ShardOptions = shardOptions(
  { workers: 1, outputLimitBytes: 8 << 20 },
  {
    window: windowConfigOf(resolveOptions(WINDOW_OPTIONS, DEFAULTS).values),
    maxRecordBytes: RECORD_BYTES,
    encoder: {
      format: "kafka",
      partitionCount: 2,
      maxRecordBytes: RECORD_BYTES,
    },
    routeBy: "visit_id",
    ...{ keepLate: false, keepRejected: false, generationTime: null },
  },
)[0]!;
