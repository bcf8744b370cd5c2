const SEED = 0x9747b28c;
const MULTIPLIER = 0x5bd1e995;

/** The murmur2 hash of Kafka's Java clients over a range of `bytes`, int32. */
export function murmur2(bytes: Buffer, start: number, length: number): number {
  let hash = SEED ^ length;
  const wordsEnd = start + (length & ~3);
  let at = start;
  for (; at < wordsEnd; at += 4) {
    let word =
      bytes[at]! |
      (bytes[at + 1]! << 8) |
      (bytes[at + 2]! << 16) |
      (bytes[at + 3]! << 24);
    word = Math.imul(word, MULTIPLIER);
    word = Math.imul(word ^ (word >>> 24), MULTIPLIER);
    hash = Math.imul(hash, MULTIPLIER) ^ word;
  }
  const tailLength = length & 3;
  if (tailLength > 2) hash ^= bytes[at + 2]! << 16;
  if (tailLength > 1) hash ^= bytes[at + 1]! << 8;
  if (tailLength > 0) hash = Math.imul(hash ^ bytes[at]!, MULTIPLIER);
  hash = Math.imul(hash ^ (hash >>> 13), MULTIPLIER);
  return hash ^ (hash >>> 15);
}

/** The partition, of `partitionCount`, of a key with this murmur2 hash. */
export function partitionOf(hash: number, partitionCount: number): number {
  return (hash & 0x7fffffff) % partitionCount;
}
