/**
 * Hash of the canonical bytes of a `visit_id`: chooses the shard, and the slot
 * in the shard's table. Words of four bytes are mixed as murmur3 does.
 */
export function hashKey(bytes: Buffer, start: number, length: number): number {
  let hash = length;
  const wordsEnd = start + (length & ~3);
  let at = start;
  for (; at < wordsEnd; at += 4) {
    let word =
      bytes[at]! |
      (bytes[at + 1]! << 8) |
      (bytes[at + 2]! << 16) |
      (bytes[at + 3]! << 24);
    word = Math.imul(word, 0xcc9e2d51);
    word = Math.imul((word << 15) | (word >>> 17), 0x1b873593);
    hash ^= word;
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (const end = start + length; at < end; at++) {
    tail = (tail << 8) | bytes[at]!;
  }
  hash ^= Math.imul(tail, 0xcc9e2d51);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** The shard, of `shardCount`, that owns a key with this hash. */
export function shardOf(hash: number, shardCount: number): number {
  // The high half of a 64-bit product: even spread, and other bits than the
  // low ones that the store's table uses.
  return Math.floor(((hash >>> 0) * shardCount) / 0x100000000);
}
