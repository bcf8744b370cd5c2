const SEED: u32 = 0x9747b28c;
const MULTIPLIER: u32 = 0x5bd1e995;

/** The same as `murmur2` of src/record/partitioner.ts. */
export function murmur2(at: usize, length: i32): u32 {
  let hash: u32 = SEED ^ length;
  const words = length & ~3;
  for (let i = 0; i < words; i += 4) {
    let word = load<u32>(at + i) * MULTIPLIER;
    word = (word ^ (word >>> 24)) * MULTIPLIER;
    hash = (hash * MULTIPLIER) ^ word;
  }
  const tail = length & 3;
  if (tail > 2) hash ^= (<u32>load<u8>(at + words + 2)) << 16;
  if (tail > 1) hash ^= (<u32>load<u8>(at + words + 1)) << 8;
  if (tail > 0) hash = (hash ^ load<u8>(at + words)) * MULTIPLIER;
  hash = (hash ^ (hash >>> 13)) * MULTIPLIER;
  return hash ^ (hash >>> 15);
}
