import {
  shardOptions as optionsOf,
  type ShardOptions,
} from "../../src/shard/shard_options.ts";

/** The options of the only shard of a run with the usual windows. */
export function shardOptions(others: Partial<ShardOptions> = {}): ShardOptions {
  const fleet = { workers: 1, outputLimitBytes: 8 << 20 };
  const [only] = optionsOf(fleet, {
    window: {
      gapMs: 600_000,
      outOfOrdernessMs: 1_200_000,
      allowedLatenessMs: 900_000,
      timePrecision: "s",
      pageOrder: "text",
      maxSkewMs: null,
    },
    routeBy: "visit_id",
    maxRecordBytes: 1 << 20,
    encoder: { format: "lines", withMetadata: false, withOrder: false },
    keepLate: false,
    keepRejected: false,
    generationTime: null,
  });
  return { ...only!, ...others };
}
