import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  decodeQueryText,
  encodeQueryText,
} from "../../src/observe/query_text.ts";

test("encodeQueryText() writes what URLs take, and a lone surrogate as its bytes", () => {
  for (const [text, value] of [
    ["v7", "v7"],
    [" a&b=c+d#%", "%20a%26b%3Dc%2Bd%23%25"],
    ["ö…😀", "%C3%B6%E2%80%A6%F0%9F%98%80"],
    ["a\uD800b", "a%ED%A0%80b"],
    ["\uDFFF\uD83D😀", "%ED%BF%BF%ED%A0%BD%F0%9F%98%80"],
  ] as const) {
    assert.equal(encodeQueryText(text), value);
    assert.equal(decodeQueryText(value), text);
  }
});

test("decodeQueryText() gives any text back, and throws for none", () => {
  const units = fc.array(fc.integer({ min: 0, max: 0xffff }));
  const property = fc.property(units, (codes) => {
    const text = String.fromCharCode(...codes);
    assert.equal(decodeQueryText(encodeQueryText(text)), text);
  });
  fc.assert(property, { numRuns: 500 });
  assert.equal(decodeQueryText("%ed%a0%80"), "\uD800");
  assert.throws(() => decodeQueryText("%FF"), URIError);
});
