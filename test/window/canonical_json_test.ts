import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  canonicalString,
  decodeCanonical,
} from "../../src/window/canonical_json.ts";

// Any UTF-16 units, lone surrogates included.
const anyText = fc
  .array(fc.integer({ min: 0, max: 0xffff }))
  .map((units) => String.fromCharCode(...units));

test("canonicalString() keeps printable ASCII as it is", () => {
  assert.equal(canonicalString("page_1/~ '<>&"), "page_1/~ '<>&");
});

test("canonicalString() escapes as Python does", () => {
  assert.equal(canonicalString('"\\/'), '\\"\\\\/');
  assert.equal(canonicalString("\b\f\n\r\t"), "\\b\\f\\n\\r\\t");
  assert.equal(canonicalString("\0\v\x1f\x7f"), "\\u0000\\u000b\\u001f\\u007f");
  assert.equal(canonicalString("é\u2028"), "\\u00e9\\u2028");
  assert.equal(canonicalString("😀"), "\\ud83d\\ude00");
  assert.equal(canonicalString("\ude00\ud83d"), "\\ude00\\ud83d");
});

test("canonicalString() writes ASCII that means the same text", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const canonical = canonicalString(text);
      assert.match(canonical, /^[ -~]*$/);
      assert.equal(JSON.parse(`"${canonical}"`), text);
    }),
  );
});

test("decodeCanonical() undoes canonicalString() inside a buffer", () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const canonical = canonicalString(text);
      const bytes = Buffer.from(`\\"${canonical}\\n`, "latin1");
      assert.equal(decodeCanonical(bytes, 2, canonical.length), text);
    }),
  );
});
