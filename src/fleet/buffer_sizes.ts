/**
 * Payload of a task at most: about what one fetch brings, and three of them fit
 * into the default limit. A task costs main some 0.3 ms, full or not.
 */
export const BATCH_BYTES = 2728 * 1024;
/** Payload of a task as long as traffic is thin. */
export const THIN_BATCH_BYTES = 256 * 1024;
/** Smaller ones are not worth their task. */
const BATCH_BYTES_MIN = 16 * 1024;
/** A shard has a payload that is filled, one it works at, one that waits. */
const PAYLOADS_A_SHARD = 3;

/** Sizes of the payloads of tasks, bytes. */
export interface PayloadSizes {
  /** As long as traffic is thin. */
  readonly thinBytes: number;
  readonly fullBytes: number;
  /**
   * What one event of the source may open: a payload for each of its shards.
   * Where there is one shard, the event fills payloads one behind the other.
   */
  readonly reservedBytes: number;
  /** So many may be held and kept together: the limit, or a little more. */
  readonly mostBytes: number;
}

/** Payloads such that a limit holds for any number of shards that share it. */
export function payloadSizes(
  limitBytes: number,
  shardCount: number,
): PayloadSizes {
  // With one less the only shard's third payload would count as too much while
  // it is filled, and leave half full: twice as many tasks.
  const shares = PAYLOADS_A_SHARD * shardCount;
  const share = Math.floor(limitBytes / shares / 1024) * 1024;
  const fullBytes = Math.min(BATCH_BYTES, Math.max(BATCH_BYTES_MIN, share));
  const reservedBytes = shardCount === 1 ? 0 : fullBytes * shardCount;
  // The only shard has one payload more when an event fills one to its end: to
  // make it anew each time would cost more than it takes.
  const atLeast = shardCount === 1 ? (PAYLOADS_A_SHARD + 1) * fullBytes : 0;
  return {
    mostBytes: Math.max(limitBytes, atLeast),
    thinBytes: Math.min(THIN_BATCH_BYTES, fullBytes),
    fullBytes,
    // Two thirds are kept free at most, or small limits would let nothing in.
    reservedBytes: Math.min(reservedBytes, (limitBytes * 2) / 3),
  };
}
