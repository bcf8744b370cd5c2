import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { VarintReader } from "../../src/record/varint_reader.ts";
import { encodeVarint } from "../support/record_batch_builder.ts";

test("VarintReader.read() returns every safe integer and where it ends", () => {
  const reader = new VarintReader();
  const check = (value: number) => {
    const encoded = encodeVarint(value);
    const bytes = Buffer.concat([Buffer.of(0xff), encoded, Buffer.of(0x80)]);
    assert.equal(reader.read(bytes, 1), value);
    assert.equal(reader.end, 1 + encoded.length);
  };
  for (const edge of [0, 63, 64, 8191, 8192, 2 ** 31, 2 ** 32, 2 ** 45]) {
    for (const value of [edge, -edge - 1]) check(value);
  }
  // Doubled by the zigzag, a number must still be exact.
  const limit = 2 ** 52 - 1;
  fc.assert(fc.property(fc.integer({ min: -limit, max: limit }), check));
});
