import { ShardPool } from "../../src/fleet/shard_pool.ts";
import type { ShardOptions } from "../../src/shard/shard_options.ts";

/** Threads that have their shards, and were not warmed up. */
export async function createdPool(
  options: readonly ShardOptions[],
): Promise<ShardPool> {
  const pool = new ShardPool(options.length);
  await pool.create(options);
  return pool;
}
