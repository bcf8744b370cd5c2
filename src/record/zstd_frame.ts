const MAGIC = 0xfd2fb528;
const IS_SINGLE_SEGMENT = 0x20;
const BLOCK_BYTES_MAX = 128 * 1024;
const BLOCK_HEADER_BYTES = 3;
/** Kinds of blocks: all others are packed. */
const PLAIN = 0;
const REPEATED = 1;

/**
 * Bytes that a zstd frame unpacks to: what its header says, or, where that says
 * nothing, about what its blocks hold: full ones, and a last one of which each
 * byte stands for `usualRatio`. Null when it does not begin as a frame.
 */
export function zstdClaimedBytes(
  frame: Buffer,
  usualRatio: number,
): number | null {
  // Behind the longest header there is a block's, or else it is broken.
  if (frame.length < 9 || frame.readUInt32LE(0) !== MAGIC) return null;
  const descriptor = frame[4]!;
  const isSingle = (descriptor & IS_SINGLE_SEGMENT) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 0x03]!;
  const at = (isSingle ? 5 : 6) + dictionaryBytes;
  const sizeFlag = descriptor >> 6;
  if (isSingle || sizeFlag > 0) return contentBytes(frame, at, sizeFlag);
  const blockMax = Math.min(BLOCK_BYTES_MAX, windowBytes(frame[5]!));
  return blocksClaimedBytes(frame.subarray(at), { blockMax, usualRatio });
}

function contentBytes(
  frame: Buffer,
  at: number,
  sizeFlag: number,
): number | null {
  const byteLength = 1 << sizeFlag;
  if (at + byteLength > frame.length) return null;
  if (sizeFlag === 3) return Number(frame.readBigUInt64LE(at));
  const size = frame.readUIntLE(at, byteLength);
  return sizeFlag === 1 ? size + 256 : size;
}

/** How far back a frame looks, and no block is larger. */
function windowBytes(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >> 3));
  return base + (base / 8) * (descriptor & 0x07);
}

function blocksClaimedBytes(
  blocks: Buffer,
  { blockMax, usualRatio }: { blockMax: number; usualRatio: number },
): number {
  let claimed = 0;
  for (let at = 0; at + BLOCK_HEADER_BYTES <= blocks.length; ) {
    const header = blocks.readUIntLE(at, BLOCK_HEADER_BYTES);
    const isLast = (header & 1) !== 0;
    const kind = (header >> 1) & 0x03;
    const size = header >> 3;
    const isPacked = kind !== PLAIN && kind !== REPEATED;
    const bytes = isPacked ? size * usualRatio : size;
    claimed += isPacked && !isLast ? blockMax : Math.min(blockMax, bytes);
    if (isLast) break;
    at += BLOCK_HEADER_BYTES + (kind === REPEATED ? 1 : size);
  }
  return claimed;
}
