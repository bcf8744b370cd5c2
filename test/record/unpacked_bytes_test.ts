import assert from "node:assert/strict";
import { test } from "node:test";
import zlib from "node:zlib";
import fc from "fast-check";
import lz4 from "lz4-napi";
import snappy from "snappy";
import {
  COMPRESSION_CODES,
  type Compression,
  unpackedBytes,
} from "../../src/record/compression.ts";
import { compress } from "../support/compress.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const LIMIT = 256 * MIB;
const XERIAL_HEADER = Buffer.from("82534e41505059000000000100000001", "hex");

/** As Java's clients do: blocks of 32 KiB, each behind its length. */
function framedSnappy(bytes: Buffer): Buffer {
  const parts: Buffer[] = [XERIAL_HEADER];
  for (let at = 0; at < bytes.length; at += 32 * KIB) {
    const block = snappy.compressSync(bytes.subarray(at, at + 32 * KIB));
    const length = Buffer.alloc(4);
    length.writeInt32BE(block.length);
    parts.push(length, block);
  }
  return Buffer.concat(parts);
}

/** As Java's clients do: the header does not know how much will come. */
async function streamedZstd(bytes: Buffer): Promise<Buffer> {
  const stream = zlib.createZstdCompress();
  const half = bytes.length >> 1;
  stream.write(bytes.subarray(0, half));
  stream.end(bytes.subarray(half));
  return Buffer.concat(await stream.toArray());
}

/** As some clients do: the header says how much will come. */
function sizedLz4(bytes: Buffer): Buffer {
  const frame = lz4.compressFrameSync(bytes);
  frame[4]! |= 0x08;
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(bytes.length));
  return Buffer.concat([frame.subarray(0, 6), size, frame.subarray(6)]);
}

/** Visits of a topic as they usually are. */
function visits(count: number): Buffer {
  const lines = Array.from({ length: count }, (_, i) => {
    const id = ((i * 2_654_435_761) >>> 0).toString(16);
    const minute = String(i % 60).padStart(2, "0");
    return (
      `{"visit_id":"${id}","event_time":"2024-06-01T00:${minute}:00Z",` +
      `"page":"/shop/${(i * 7919) % 1000}/item"}`
    );
  });
  return Buffer.from(lines.join(""));
}

const EXACT: Record<string, [Compression, (bytes: Buffer) => Buffer]> = {
  none: ["none", (bytes) => bytes],
  gzip: ["gzip", zlib.gzipSync],
  snappy: ["snappy", (bytes) => snappy.compressSync(bytes)],
  "framed snappy": ["snappy", framedSnappy],
  zstd: ["zstd", (bytes) => zlib.zstdCompressSync(bytes)],
  "lz4 with its size": ["lz4", sizedLz4],
};

for (const [name, [compression, pack]] of Object.entries(EXACT)) {
  test(`unpackedBytes() is what ${name} says`, () => {
    const code = COMPRESSION_CODES[compression];
    for (const bytes of [visits(3), visits(1000), visits(30_000)]) {
      assert.equal(unpackedBytes(code, pack(bytes)), bytes.length);
    }
    const zeros = Buffer.alloc(20 * MIB);
    assert.equal(unpackedBytes(code, pack(zeros)), zeros.length);
  });
}

const ESTIMATED: Record<string, [Compression, typeof streamedZstd]> = {
  lz4: ["lz4", async (bytes) => lz4.compressFrameSync(bytes)],
  "streamed zstd": ["zstd", streamedZstd],
};

for (const [name, [compression, pack]] of Object.entries(ESTIMATED)) {
  test(`unpackedBytes() is about right for ${name}, which says nothing`, async () => {
    const code = COMPRESSION_CODES[compression];
    for (const count of [100, 500, 1500, 5000, 30_000]) {
      const bytes = visits(count);
      const share = unpackedBytes(code, await pack(bytes)) / bytes.length;
      assert.ok(share > 0.4 && share < 2, `${share} for ${count} visits`);
    }
    const zeros = Buffer.alloc(20 * MIB);
    const share = unpackedBytes(code, await pack(zeros)) / zeros.length;
    assert.ok(share > 0.9 && share < 1.1, `${share} for zeros`);
  });
}

test("unpackedBytes() takes any claim, and stays within its bounds", () => {
  const text = visits(500);
  const packed = Object.entries(COMPRESSION_CODES).map(
    ([name, code]) => [code, compress(name as Compression, text)] as const,
  );
  const assertBounded = (code: number, bytes: Buffer) => {
    const claimed = unpackedBytes(code, bytes);
    assert.ok(claimed >= bytes.length && claimed <= LIMIT, `${claimed}`);
  };
  const hurt = fc.record({
    which: fc.nat(packed.length - 1),
    length: fc.oneof(fc.nat(30), fc.nat(30_000)),
    changes: fc.array(fc.tuple(fc.nat(40), fc.nat(255)), { maxLength: 4 }),
    fromEnd: fc.boolean(),
  });
  fc.assert(
    fc.property(hurt, ({ which, length, changes, fromEnd }) => {
      const [code, whole] = packed[which]!;
      const bytes = Buffer.from(whole.subarray(0, length));
      for (const [at, value] of changes) {
        const place = fromEnd ? bytes.length - 1 - at : at;
        if (place >= 0 && place < bytes.length) bytes[place] = value;
      }
      assertBounded(code, bytes);
    }),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(fc.nat(7), fc.uint8Array({ maxLength: 60 }), (code, bytes) =>
      assertBounded(code, Buffer.from(bytes)),
    ),
    { numRuns: 2000 },
  );
});

test("unpackedBytes() of gzip is no more than gzip can pack", () => {
  const lying = zlib.gzipSync(Buffer.from("a visit"));
  lying.writeUInt32LE(0xffffffff, lying.length - 4);
  assert.ok(unpackedBytes(COMPRESSION_CODES.gzip, lying) < 32 * KIB);
});
