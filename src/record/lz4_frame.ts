/** Of a frame's beginning (v1), and of a block's length. */
const MAGIC = 0x184d2204;
const HAS_BLOCK_CHECKSUM = 0x10;
const HAS_CONTENT_SIZE = 0x08;
const HAS_DICTIONARY = 0x01;
const IS_PLAIN = 0x80000000;

/** A length in a token that bytes behind it are added to. */
const LONG = 15;
const MATCH_BYTES_MIN = 4;

/**
 * Bytes that an LZ4 frame unpacks to, which no header has to say: all lengths in
 * it added up, as far as `bytesMax` at least. Of a frame that is broken, what
 * would come before the break. Throws a `RangeError` for another kind of frame.
 */
export function lz4UnpackedBytes(frame: Buffer, bytesMax: number): number {
  if (frame.length < 7 || frame.readUInt32LE(0) !== MAGIC) {
    throw new RangeError("Cannot read lz4 frame: it does not begin as one");
  }
  const flags = frame[4]!;
  const checksumBytes = (flags & HAS_BLOCK_CHECKSUM) === 0 ? 0 : 4;
  let at = 7;
  if ((flags & HAS_CONTENT_SIZE) !== 0) at += 8;
  if ((flags & HAS_DICTIONARY) !== 0) at += 4;
  let unpacked = 0;
  while (at + 4 <= frame.length && unpacked <= bytesMax) {
    const word = frame.readUInt32LE(at);
    if (word === 0) break;
    at += 4;
    const length = (word & ~IS_PLAIN) >>> 0;
    const isPlain = word >= IS_PLAIN;
    const block = frame.subarray(at, at + length);
    unpacked += isPlain ? block.length : blockUnpackedBytes(block);
    at += length + checksumBytes;
  }
  return unpacked;
}

function blockUnpackedBytes(block: Buffer): number {
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
  while (at < block.length) {
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
  return unpacked;
}
