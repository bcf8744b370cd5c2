import { createRequire } from "node:module";
import { lz4UnpackedBytes } from "./lz4_frame.ts";
import { uncompressSnappy } from "./snappy_blocks.ts";

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

/**
 * Unpacks the records section of a batch whose attributes hold `code`. Throws
 * a `RangeError` for an unknown code and for what would be too large, before
 * there is memory taken for it; a codec throws for bytes it cannot read.
 */
export function decompress(code: number, bytes: Buffer): Buffer {
  const options = { maxOutputLength: MAX_UNPACKED_BYTES };
  switch (code) {
    case COMPRESSION_CODES.none:
      return bytes;
    case COMPRESSION_CODES.gzip:
      return within(() => zlib().gunzipSync(bytes, options));
    case COMPRESSION_CODES.snappy:
      return uncompressSnappy(bytes, checkUnpacked);
    case COMPRESSION_CODES.lz4:
      return decompressLz4(bytes);
    case COMPRESSION_CODES.zstd:
      return within(() => zlib().zstdDecompressSync(bytes, options));
    default:
      throw new RangeError(
        `Cannot unpack records: compression is ${code}, expected 0 to 4`,
      );
  }
}

function decompressLz4(bytes: Buffer): Buffer {
  // Most frames are too short to hold too much, and need no second look.
  if (bytes.length * LZ4_RATIO_MAX > MAX_UNPACKED_BYTES) {
    checkUnpacked(lz4UnpackedBytes(bytes, MAX_UNPACKED_BYTES));
  }
  return lz4().decompressFrameSync(bytes);
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
