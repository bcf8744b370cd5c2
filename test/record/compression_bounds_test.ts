import assert from "node:assert/strict";
import { test } from "node:test";
import zlib from "node:zlib";
import fc from "fast-check";
import lz4 from "lz4-napi";
import snappy from "snappy";
import {
  COMPRESSION_CODES,
  type Compression,
  decompress,
} from "../../src/record/compression.ts";
import { lz4UnpackedBytes } from "../../src/record/lz4_frame.ts";
import { chunkOfBytes, walkChunk } from "../support/built_chunk.ts";
import { packedBatch } from "../support/packed_batch.ts";

const MIB = 1 << 20;
const LIMIT = 256 * MIB;
const TOO_LARGE = {
  name: "RangeError",
  message: `Cannot unpack records: they are more than ${LIMIT} bytes`,
};
const XERIAL_HEADER = Buffer.from("82534e41505059000000000100000001", "hex");

/** A sound frame of as many blocks of 4 MiB, each of zeros. */
function lz4Bomb(blocks: number): Buffer {
  const frame = lz4.compressFrameSync(Buffer.alloc(8 * MIB));
  const end = 11 + frame.readUInt32LE(7);
  return Buffer.concat([
    frame.subarray(0, 7),
    ...Array.from({ length: blocks }, () => frame.subarray(7, end)),
    Buffer.alloc(4),
  ]);
}

function xerial(blocks: readonly Buffer[]): Buffer {
  const framed = blocks.flatMap((block) => [int32(block.length), block]);
  return Buffer.concat([XERIAL_HEADER, ...framed]);
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

/** Memory that the process has had at most grows by less than so much. */
function assertGrowth(mibMax: number, act: () => void): void {
  const before = process.resourceUsage().maxRSS;
  act();
  const grownMib = (process.resourceUsage().maxRSS - before) / 1024;
  assert.ok(grownMib < mibMax, `grew by ${grownMib} MiB`);
}

test("decompress() refuses an lz4 bomb of 2 GiB before it takes memory", () => {
  const bomb = lz4Bomb(512);
  assertGrowth(32, () =>
    assert.throws(() => decompress(COMPRESSION_CODES.lz4, bomb), TOO_LARGE),
  );
});

test("decompress() refuses snappy blocks that say they are too large together", () => {
  const block = snappy.compressSync(Buffer.alloc(4 * MIB));
  const bomb = xerial(Array.from({ length: 65 }, () => block));
  assertGrowth(32, () =>
    assert.throws(() => decompress(COMPRESSION_CODES.snappy, bomb), TOO_LARGE),
  );
});

test("decompress() refuses a snappy block that says it is too large", () => {
  for (const header of ["8080808008", "ffffffff0f", "8180808001"]) {
    const lying = Buffer.from(`${header}0041`, "hex");
    for (const bytes of [lying, xerial([lying])]) {
      assertGrowth(32, () =>
        assert.throws(
          () => decompress(COMPRESSION_CODES.snappy, bytes),
          TOO_LARGE,
        ),
      );
    }
  }
});

test("decompress() refuses lengths of snappy blocks that cannot be", () => {
  const block = snappy.compressSync("a block");
  const lengthOf = (length: number, more = block) =>
    Buffer.concat([xerial([block]), int32(length), more]);
  for (const [bytes, said, left] of [
    [lengthOf(0), 0, block.length],
    [lengthOf(-1), -1, block.length],
    [lengthOf(-20), -20, block.length],
    [lengthOf(block.length + 1), block.length + 1, block.length],
    [lengthOf(0x7fffffff), 0x7fffffff, block.length],
    [lengthOf(0).subarray(0, -block.length - 1), 0, 0],
  ] as const) {
    assert.throws(() => decompress(COMPRESSION_CODES.snappy, bytes), {
      name: "RangeError",
      message: `Cannot unpack snappy: a block has ${said} bytes, expected 1 to ${left}`,
    });
  }
  for (const bytes of [Buffer.alloc(0), Buffer.from("ffffffffff01", "hex")]) {
    assert.throws(
      () => decompress(COMPRESSION_CODES.snappy, bytes),
      /a block does not say its length$/,
    );
  }
});

test("decompress() takes what is just not too large, and no byte more", () => {
  const zeros = Buffer.alloc(LIMIT + 1);
  const packers = {
    gzip: (bytes: Buffer) => zlib.gzipSync(bytes, { level: 1 }),
    zstd: (bytes: Buffer) => zlib.zstdCompressSync(bytes),
    lz4: (bytes: Buffer) => lz4.compressFrameSync(bytes),
    snappy: (bytes: Buffer) => snappy.compressSync(bytes),
  } as const;
  for (const [name, pack] of Object.entries(packers)) {
    const code = COMPRESSION_CODES[name as Compression];
    const allowed = decompress(code, pack(zeros.subarray(1)));
    assert.equal(allowed.length, LIMIT, name);
    const bomb = pack(zeros);
    assert.throws(() => decompress(code, bomb), TOO_LARGE, name);
  }
});

test("lz4UnpackedBytes() gives the length of what is packed", () => {
  const assertLength = (bytes: Buffer) => {
    for (const blockChecksums of [false, true]) {
      const options = { blockChecksums, contentChecksum: blockChecksums };
      const frame = lz4.compressFrameSync(bytes, options);
      assert.equal(lz4UnpackedBytes(frame, Infinity), bytes.length);
    }
  };
  const text = "some visit of a page, then a visit of another, ".repeat(30_000);
  for (const length of [0, 1, 14, 15, 16, 300, 65_536, 65_537, text.length]) {
    assertLength(Buffer.from(text.slice(0, length)));
    assertLength(Buffer.alloc(length));
  }
  const parts = fc.tuple(fc.uint8Array({ maxLength: 300 }), fc.nat(2000));
  fc.assert(
    fc.property(fc.array(parts, { maxLength: 8 }), (list) => {
      const each = list.map(([bytes, zeros]) =>
        Buffer.concat([Buffer.from(bytes), Buffer.alloc(zeros)]),
      );
      assertLength(Buffer.concat(each));
    }),
    { numRuns: 300 },
  );
});

test("lz4UnpackedBytes() refuses what does not begin as a frame", () => {
  // The last one is a frame of the legacy kind.
  for (const hex of [
    "",
    "04224d18",
    "00000000000000000000",
    "02214c18000000000000",
  ]) {
    assert.throws(() => lz4UnpackedBytes(Buffer.from(hex, "hex"), LIMIT), {
      message: "Cannot read lz4 frame: it does not begin as one",
    });
  }
});

test("BatchCursor says which batch is too large, or broken", () => {
  const place =
    'Cannot read topic "visits": the record batch at offset 42 of partition 3 is corrupt, ' +
    "its records cannot be unpacked: ";
  const lying = Buffer.from("80808080080041", "hex");
  for (const [compression, records, why] of [
    ["lz4", lz4Bomb(65), TOO_LARGE.message],
    ["snappy", lying, TOO_LARGE.message],
    ["gzip", Buffer.from("no gzip"), "incorrect header check"],
  ] as const) {
    const bytes = packedBatch(records, {
      baseOffset: 42,
      compression,
      count: 1,
    });
    assert.throws(() => walkChunk(chunkOfBytes([bytes])), {
      name: "WorldError",
      message: place + why,
    });
  }
});
