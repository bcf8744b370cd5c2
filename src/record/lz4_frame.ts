/** Of a frame's beginning (v1), and of a block's length. */
const MAGIC = 0x184d2204;
const HAS_BLOCK_CHECKSUM = 0x10;
const HAS_CONTENT_SIZE = 0x08;
const HAS_DICTIONARY = 0x01;
const IS_PLAIN = 0x80000000;

/** A length in a token that bytes behind it are added to. */
const LONG = 15;
const MATCH_BYTES_MIN = 4;

/** So many bytes of a block are looked at to tell how tightly it is packed. */
const SAMPLE_BYTES = 256;

/** What a frame's header says. */
interface FrameHeader {
  /** Where its first block begins. */
  readonly end: number;
  readonly contentBytes: number | null;
  /** Bytes that a block unpacks to at most. */
  readonly blockMax: number;
  /** Bytes behind each block. */
  readonly checksumBytes: number;
}

/** Null for what does not begin as a frame. */
function readFrameHeader(frame: Buffer): FrameHeader | null {
  if (frame.length < 7 || frame.readUInt32LE(0) !== MAGIC) return null;
  const flags = frame[4]!;
  const hasSize = (flags & HAS_CONTENT_SIZE) !== 0;
  const dictionaryBytes = (flags & HAS_DICTIONARY) === 0 ? 0 : 4;
  return {
    end: 7 + (hasSize ? 8 : 0) + dictionaryBytes,
    contentBytes:
      hasSize && frame.length >= 14 ? Number(frame.readBigUInt64LE(6)) : null,
    // 64 KiB, 256 KiB, 1 MiB or 4 MiB.
    blockMax: 2 ** (8 + 2 * ((frame[5]! >> 4) & 0x07)),
    checksumBytes: (flags & HAS_BLOCK_CHECKSUM) === 0 ? 0 : 4,
  };
}

/**
 * Bytes that an LZ4 frame unpacks to, which no header has to say: all lengths in
 * it added up, as far as `bytesMax` at least. Of a frame that is broken, what
 * would come before the break. Throws a `RangeError` for another kind of frame.
 */
export function lz4UnpackedBytes(frame: Buffer, bytesMax: number): number {
  const header = readFrameHeader(frame);
  if (header === null) {
    throw new RangeError("Cannot read lz4 frame: it does not begin as one");
  }
  let unpacked = 0;
  for (let at = header.end; at + 4 <= frame.length && unpacked <= bytesMax; ) {
    const word = frame.readUInt32LE(at);
    if (word === 0) break;
    at += 4;
    const length = (word & ~IS_PLAIN) >>> 0;
    const isPlain = word >= IS_PLAIN;
    const block = frame.subarray(at, at + length);
    unpacked += isPlain ? block.length : blockUnpackedBytes(block).unpacked;
    at += length + header.checksumBytes;
  }
  return unpacked;
}

/**
 * The same at a glance: what the header says, or, where that says nothing, full
 * blocks and about what the last one holds, each byte of which stands for
 * `usualRatio` at least. Null when it does not begin as a frame.
 */
export function lz4ClaimedBytes(
  frame: Buffer,
  usualRatio: number,
): number | null {
  const header = readFrameHeader(frame);
  if (header === null || header.contentBytes !== null) {
    return header?.contentBytes ?? null;
  }
  const { blockMax, checksumBytes } = header;
  let claimed = 0;
  for (let at = header.end; at + 4 <= frame.length; ) {
    const word = frame.readUInt32LE(at);
    if (word === 0) break;
    const length = (word & ~IS_PLAIN) >>> 0;
    const block = frame.subarray(at + 4, at + 4 + length);
    at += 4 + length + checksumBytes;
    const isLast = at + 4 > frame.length || frame.readUInt32LE(at) === 0;
    if (word >= IS_PLAIN) claimed += block.length;
    else if (!isLast) claimed += blockMax;
    else claimed += Math.min(blockMax, aboutUnpacked(block, usualRatio));
  }
  return claimed;
}

function aboutUnpacked(block: Buffer, usualRatio: number): number {
  const { unpacked, read } = blockUnpackedBytes(block, SAMPLE_BYTES);
  const ratio = read === 0 ? 0 : unpacked / read;
  return Math.ceil(block.length * Math.max(usualRatio, ratio));
}

/** What the block unpacks to, as far as `bytesMax` of it, and how far it was read. */
function blockUnpackedBytes(
  block: Buffer,
  bytesMax = block.length,
): { unpacked: number; read: number } {
  const end = Math.min(block.length, bytesMax);
  let unpacked = 0;
  let at = 0;
  /** The rest of a length, which goes on as long as its bytes are full. */
  const more = () => {
    let sum = 0;
    let byte = 0xff;
    while (byte === 0xff) {
      byte = block[at++] ?? 0;
      sum += byte;
    }
    return sum;
  };
  while (at < end) {
    const token = block[at++]!;
    let literals = token >> 4;
    if (literals === LONG) literals += more();
    unpacked += literals;
    // The last literals have no match behind them; others have its offset.
    at += literals + 2;
    if (at > block.length) break;
    let match = token & 0x0f;
    if (match === LONG) match += more();
    unpacked += match + MATCH_BYTES_MIN;
  }
  return { unpacked, read: Math.min(at, block.length) };
}
