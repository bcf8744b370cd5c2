import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
/** Loaded when it is needed: see compression.ts. */
const snappy = () => require("snappy") as typeof import("snappy");

/** What Java's snappy puts before its blocks: magic, version, compatible. */
const XERIAL_MAGIC = Buffer.from("82534e4150505900", "hex");
const XERIAL_HEADER_BYTES = 16;
const LENGTH_BYTES = 4;

/**
 * Unpacks snappy: Java clients frame their blocks, the others write one plain
 * block. `checkUnpacked` is told the number of bytes that it would give, and
 * may throw, before there is memory taken for them. Throws a `RangeError` for
 * lengths that cannot be.
 */
export function uncompressSnappy(
  bytes: Buffer,
  checkUnpacked: (byteLength: number) => void,
): Buffer {
  const blocks = blocksOf(bytes);
  checkUnpacked(sumUnpacked(blocks));
  const unpacked = blocks.map(uncompressBlock);
  return unpacked.length === 1 ? unpacked[0]! : Buffer.concat(unpacked);
}

/** Bytes that snappy says it unpacks to; null when its lengths cannot be. */
export function snappyClaimedBytes(bytes: Buffer): number | null {
  try {
    return sumUnpacked(blocksOf(bytes));
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function sumUnpacked(blocks: readonly Buffer[]): number {
  return blocks.reduce((sum, block) => sum + unpackedBytes(block), 0);
}

function blocksOf(bytes: Buffer): Buffer[] {
  const isFramed = bytes.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC);
  return isFramed ? framedBlocks(bytes) : [bytes];
}

/** The blocks behind the header of Java's frame, each behind its length. */
function framedBlocks(bytes: Buffer): Buffer[] {
  const blocks: Buffer[] = [];
  for (let at = XERIAL_HEADER_BYTES; at < bytes.length; ) {
    const left = bytes.length - at - LENGTH_BYTES;
    const length = left < 0 ? 0 : bytes.readInt32BE(at);
    if (length < 1 || length > left) {
      throw new RangeError(
        `Cannot unpack snappy: a block has ${length} bytes, expected 1 to ${Math.max(0, left)}`,
      );
    }
    at += LENGTH_BYTES + length;
    blocks.push(bytes.subarray(at - length, at));
  }
  return blocks;
}

/** The number of bytes that a block says it unpacks to: a varint of 32 bits. */
function unpackedBytes(block: Buffer): number {
  let length = 0;
  for (let i = 0; i < 5; i++) {
    const byte = block[i];
    if (byte === undefined) break;
    length += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return length;
  }
  throw new RangeError("Cannot unpack snappy: a block does not say its length");
}

function uncompressBlock(block: Buffer): Buffer {
  return snappy().uncompressSync(block, {
    asBuffer: true,
    // Else its memory is free only when the event loop turns.
    copyOutputData: true,
  }) as Buffer;
}
