import zlib from "node:zlib";
import lz4 from "lz4-napi";
import snappy from "snappy";

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

/** What Java's snappy puts before its blocks: magic, version, compatible. */
const XERIAL_MAGIC = Buffer.from("82534e4150505900", "hex");
const XERIAL_HEADER_BYTES = 16;

/** Packs the records section of a batch. */
export function compress(compression: Compression, bytes: Buffer): Buffer {
  switch (compression) {
    case "none":
      return bytes;
    case "gzip":
      return zlib.gzipSync(bytes);
    case "snappy":
      return snappy.compressSync(bytes);
    case "lz4":
      return lz4.compressFrameSync(bytes);
    case "zstd":
      return zlib.zstdCompressSync(bytes);
  }
}

/**
 * Unpacks the records section of a batch whose attributes hold `code`. Throws
 * a `RangeError` for an unknown code; a codec throws for bytes it cannot read.
 */
export function decompress(code: number, bytes: Buffer): Buffer {
  switch (code) {
    case COMPRESSION_CODES.none:
      return bytes;
    case COMPRESSION_CODES.gzip:
      return zlib.gunzipSync(bytes, { maxOutputLength: MAX_UNPACKED_BYTES });
    case COMPRESSION_CODES.snappy:
      return uncompressSnappy(bytes);
    case COMPRESSION_CODES.lz4:
      return lz4.decompressFrameSync(bytes);
    case COMPRESSION_CODES.zstd:
      return zlib.zstdDecompressSync(bytes, {
        maxOutputLength: MAX_UNPACKED_BYTES,
      });
    default:
      throw new RangeError(
        `Cannot unpack records: compression is ${code}, expected 0 to 4`,
      );
  }
}

/** Java clients frame their snappy blocks, the others write one plain block. */
function uncompressSnappy(bytes: Buffer): Buffer {
  const isFramed = bytes.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC);
  if (!isFramed) return uncompressBlock(bytes);
  const blocks: Buffer[] = [];
  let at = XERIAL_HEADER_BYTES;
  while (at < bytes.length) {
    const start = at + 4;
    at = start + bytes.readInt32BE(at);
    blocks.push(uncompressBlock(bytes.subarray(start, at)));
  }
  return Buffer.concat(blocks);
}

function uncompressBlock(bytes: Buffer): Buffer {
  return snappy.uncompressSync(bytes, { asBuffer: true }) as Buffer;
}
