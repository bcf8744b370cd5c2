/** The same as `hashKey` of src/kernel/host/key_hash.ts, which tells what it is for. */
export function hashKey(start: i32, length: i32): i32 {
  let hash: u32 = length;
  const wordsEnd = start + (length & ~3);
  let at = start;
  for (; at < wordsEnd; at += 4) {
    let word = load<u32>(at) * 0xcc9e2d51;
    word = rotl<u32>(word, 15) * 0x1b873593;
    hash = rotl<u32>(hash ^ word, 13) * 5 + 0xe6546b64;
  }
  let tail: u32 = 0;
  for (const end = start + length; at < end; at++) {
    tail = (tail << 8) | load<u8>(at);
  }
  hash ^= tail * 0xcc9e2d51;
  hash ^= hash >>> 16;
  hash *= 0x85ebca6b;
  hash ^= hash >>> 13;
  hash *= 0xc2b2ae35;
  return hash ^ (hash >>> 16);
}

/** The same as `shardOf` of src/kernel/host/key_hash.ts. */
export function shardOf(hash: i32, shardCount: i32): i32 {
  const unsigned = <u64>hash & 0xffffffff;
  return <i32>((unsigned * <u64>shardCount) >>> 32);
}
