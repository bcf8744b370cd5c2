import zlib from "node:zlib";
import lz4 from "lz4-napi";
import snappy from "snappy";
import type { Compression } from "../../src/record/compression.ts";

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
