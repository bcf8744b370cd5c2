import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import snappy from "snappy";
import {
  COMPRESSION_CODES,
  type Compression,
  decompress,
} from "../../src/record/compression.ts";
import { compress } from "../support/compress.ts";

const COMPRESSIONS = Object.keys(COMPRESSION_CODES) as Compression[];

for (const compression of COMPRESSIONS) {
  test(`decompress() gives back what compress() made with ${compression}`, () => {
    const code = COMPRESSION_CODES[compression];
    const roundTrip = (bytes: Buffer) => {
      // A batch lies in the middle of a frame, so its bytes are a view.
      const packed = compress(compression, bytes);
      const frame = Buffer.concat([Buffer.of(1, 2), packed, Buffer.of(3)]);
      const view = frame.subarray(2, 2 + packed.length);
      assert.deepEqual(decompress(code, view), bytes);
    };
    roundTrip(Buffer.from("visit ".repeat(100_000)));
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 3000 });
    fc.assert(
      fc.property(bytes, (each) => roundTrip(Buffer.from(each))),
      { numRuns: 20 },
    );
  });
}

test("decompress() reads the blocks that Java's snappy frames", () => {
  const blocks = ["first block ", "second block"].map((text) => {
    const packed = snappy.compressSync(text);
    const length = Buffer.alloc(4);
    length.writeInt32BE(packed.length);
    return Buffer.concat([length, packed]);
  });
  const header = Buffer.from("82534e41505059000000000100000001", "hex");
  const framed = Buffer.concat([header, ...blocks]);
  const unpacked = decompress(COMPRESSION_CODES.snappy, framed);
  assert.equal(unpacked.toString(), "first block second block");
});

test("decompress() names a code that it does not know", () => {
  assert.throws(() => decompress(5, Buffer.alloc(1)), {
    name: "RangeError",
    message: "Cannot unpack records: compression is 5, expected 0 to 4",
  });
});
