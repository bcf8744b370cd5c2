import { createRequire } from "node:module";
import { lz4ClaimedBytes, lz4UnpackedBytes } from "./lz4_frame.ts";
import { snappyClaimedBytes, uncompressSnappy } from "./snappy_blocks.ts";
import { zstdClaimedBytes } from "./zstd_frame.ts";

// Threads start without codecs, which most never need.
const require = createRequire(import.meta.url);
const zlib = () => require("node:zlib") as typeof import("node:zlib");
const lz4 = () => require("lz4-napi") as typeof import("lz4-napi");

/** How the records of a batch are packed. */
export type Compression = "none" | "gzip" | "snappy" | "lz4" | "zstd";

/** The number that stands for a compression in a batch's attributes. */
export const COMPRESSION_CODES: Readonly<Record<Compression, number>> = {
  none: 0,
  gzip: 1,
  snappy: 2,
  lz4: 3,
  zstd: 4,
};

/** Bits of a batch's attributes that hold the compression code. */
export const COMPRESSION_MASK = 0x07;

/** A batch that unpacks to more is taken for a bomb. */
const MAX_UNPACKED_BYTES = 256 * 1024 * 1024;

/** The most bytes that one byte of LZ4 can stand for. */
const LZ4_RATIO_MAX = 255;

/** Bytes that a packed one stands for, where nothing says it. */
const USUAL_RATIO = 4;
/** Bytes that a packed one of gzip stands for at most. */
const GZIP_RATIO_MAX = 1032;
/** The smallest buffer that Node's codecs should write into, bytes. */
const CHUNK_SIZE_MIN = 4096;
/** Bytes of codecs' own buffers since they were asked for last. */
let foreignBytes = 0;
/** Header and trailer of gzip. */
const GZIP_BYTES_MIN = 18;

/**
 * Unpacks the records section of a batch whose attributes hold `code`. Throws
 * a `RangeError` for an unknown code and for what would be too large, before
 * there is memory taken for it; a codec throws for bytes it cannot read.
 */
export function decompress(code: number, bytes: Buffer): Buffer {
  switch (code) {
    case COMPRESSION_CODES.none:
      return bytes;
    case COMPRESSION_CODES.gzip:
      return within(() => zlib().gunzipSync(bytes, optionsFor(code, bytes)));
    case COMPRESSION_CODES.snappy:
      return uncompressSnappy(bytes, checkUnpacked);
    case COMPRESSION_CODES.lz4:
      return decompressLz4(bytes);
    case COMPRESSION_CODES.zstd:
      return within(() =>
        zlib().zstdDecompressSync(bytes, optionsFor(code, bytes)),
      );
    default:
      throw new RangeError(
        `Cannot unpack records: compression is ${code}, expected 0 to 4`,
      );
  }
}

/**
 * What the records section of a batch, packed as `code` says, claims to unpack
 * to, by a few bytes of it; an estimate where it claims nothing. It may be wrong,
 * also on purpose, but is never more than a batch may have nor less than it has
 * packed. Whoever goes by it corrects it when the batch is unpacked.
 */
export function unpackedBytes(code: number, bytes: Buffer): number {
  const claimed = claimedBytes(code, bytes) ?? bytes.length * USUAL_RATIO;
  return Math.max(bytes.length, Math.min(claimed, MAX_UNPACKED_BYTES));
}

/** Null when it claims nothing. */
function claimedBytes(code: number, bytes: Buffer): number | null {
  switch (code) {
    case COMPRESSION_CODES.none:
      return bytes.length;
    case COMPRESSION_CODES.gzip:
      return gzipClaimedBytes(bytes);
    case COMPRESSION_CODES.snappy:
      return snappyClaimedBytes(bytes);
    case COMPRESSION_CODES.lz4:
      return lz4ClaimedBytes(bytes, USUAL_RATIO);
    case COMPRESSION_CODES.zstd:
      return zstdClaimedBytes(bytes, USUAL_RATIO);
    default:
      return null;
  }
}

/** The length at its very end. */
function gzipClaimedBytes(bytes: Buffer): number | null {
  const { length } = bytes;
  if (length < GZIP_BYTES_MIN) return null;
  return Math.min(bytes.readUInt32LE(length - 4), length * GZIP_RATIO_MAX);
}

/**
 * Has a codec of Node write into one buffer, which ends behind what is claimed:
 * else it makes many small ones, and a copy of all of them.
 */
function optionsFor(code: number, bytes: Buffer) {
  const chunkSize = Math.max(CHUNK_SIZE_MIN, unpackedBytes(code, bytes) + 1);
  return { chunkSize, maxOutputLength: MAX_UNPACKED_BYTES };
}

function decompressLz4(bytes: Buffer): Buffer {
  // Most frames are too short to hold too much, and need no second look.
  if (bytes.length * LZ4_RATIO_MAX > MAX_UNPACKED_BYTES) {
    checkUnpacked(lz4UnpackedBytes(bytes, MAX_UNPACKED_BYTES));
  }
  const unpacked = lz4().decompressFrameSync(bytes);
  foreignBytes += unpacked.length;
  return unpacked;
}

/**
 * Bytes unpacked since the last call into buffers that are no memory of V8's:
 * Node frees those when they are collected and the event loop turns, not before.
 */
export function takeForeignBytes(): number {
  const bytes = foreignBytes;
  foreignBytes = 0;
  return bytes;
}

/** Unpacks with a codec of Node, which stops where it is too much. */
function within(unpack: () => Buffer): Buffer {
  try {
    return unpack();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_BUFFER_TOO_LARGE") {
      throw error;
    }
    throw tooLarge();
  }
}

function checkUnpacked(byteLength: number): void {
  if (byteLength > MAX_UNPACKED_BYTES) throw tooLarge();
}

function tooLarge(): RangeError {
  return new RangeError(
    `Cannot unpack records: they are more than ${MAX_UNPACKED_BYTES} bytes`,
  );
}
