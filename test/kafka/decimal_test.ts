import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decimalLength, writeDecimal } from "../../src/kafka/decimal.ts";

function written(value: number): string {
  const length = decimalLength(value);
  const bytes = Buffer.alloc(length + 2, "-");
  writeDecimal(bytes, 1, value, length);
  return bytes.toString("latin1");
}

test("writeDecimal() writes whole numbers as String() does", () => {
  const edges = [0, 1, 9, 10, 99, 999_999_999, 1e9, 2 ** 31, 2 ** 32, 1e15];
  for (const value of [...edges, Number.MAX_SAFE_INTEGER]) {
    assert.equal(written(value), `-${value}-`);
  }
  fc.assert(
    fc.property(fc.maxSafeNat(), fc.nat(15), (number, digits) => {
      const value = Math.floor(number / 10 ** digits);
      assert.equal(written(value), `-${value}-`);
    }),
  );
});
