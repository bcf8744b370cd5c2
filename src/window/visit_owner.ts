import { hashKey, shardOf } from "../kernel/host/key_hash.ts";

/**
 * The shards, of `shardCount`, that can have sessions of a visit_id, given in its
 * canonical form: any of them, where records go by their own keys.
 */
export function ownersOf(
  key: string,
  fleet: {
    readonly shardCount: number;
    readonly routeBy: "visit_id" | "key";
  },
): number[] {
  const { shardCount, routeBy } = fleet;
  if (routeBy === "key") return Array.from({ length: shardCount }, (_, i) => i);
  const bytes = Buffer.from(key, "latin1");
  return [shardOf(hashKey(bytes, 0, bytes.length), shardCount)];
}
