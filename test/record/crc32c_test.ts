import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { crc32c, shiftCrc32c } from "../../src/record/crc32c.ts";

const BYTES = fc.uint8Array({ maxLength: 3000 });

test("crc32c() of the standard check string is the standard's", () => {
  assert.equal(crc32c(Buffer.from("123456789")), 0xe3069283);
});

test("shiftCrc32c() gives the CRC of a concatenation from those of its parts", () => {
  fc.assert(
    fc.property(BYTES, BYTES, (a, b) => {
      assert.equal(
        (shiftCrc32c(crc32c(a), b.length) ^ crc32c(b)) >>> 0,
        crc32c(Buffer.concat([a, b])),
      );
    }),
  );
});

test("shiftCrc32c() carries a difference of heads over a long tail", () => {
  const tail = Buffer.alloc(5_000_011, "session");
  const heads = [Buffer.from("one head"), Buffer.from("two head")] as const;
  const [a, b] = heads.map((head) => crc32c(Buffer.concat([head, tail])));
  const difference = crc32c(heads[0]) ^ crc32c(heads[1]);
  assert.equal((shiftCrc32c(difference, tail.length) ^ a!) >>> 0, b);
});
