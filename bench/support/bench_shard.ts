import { SessionShard } from "../../src/shard/session_shard.ts";
import type { ShardOptions } from "../../src/shard/shard_options.ts";
import { createEncoder } from "../../src/sink/create_encoder.ts";
import { TypedStore } from "../../src/window/typed_store.ts";
import { VisitScanner } from "../../src/window/visit_scanner.ts";

/** The only shard of a run from Kafka to Kafka with the usual windows. */
export const SHARD_OPTIONS: ShardOptions = {
  shard: 0,
  shardCount: 1,
  window: {
    gapMs: 600_000,
    outOfOrdernessMs: 1_200_000,
    allowedLatenessMs: 900_000,
    timePrecision: "s",
    maxSkewMs: null,
  },
  routeBy: "visit_id",
  maxRecordBytes: 1 << 20,
  encoder: { format: "kafka", partitionCount: 2, maxRecordBytes: 1 << 20 },
  carriesKeys: false,
  keepLate: false,
  keepRejected: false,
  generationTime: null,
};

/** A shard in this thread, made as a worker makes its own. */
export function createShard(options: ShardOptions): SessionShard {
  const { window, maxRecordBytes } = options;
  return new SessionShard(options, {
    scanner: new VisitScanner({ ...window, maxRecordBytes }),
    store: new TypedStore(window),
    encoder: createEncoder(options.encoder),
  });
}
