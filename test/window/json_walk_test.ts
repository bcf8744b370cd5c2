import assert from "node:assert/strict";
import { isUtf8 } from "node:buffer";
import { test } from "node:test";
import fc from "fast-check";
import { BROKEN } from "../../src/window/json_odd_string.ts";
import { skipSpace, walkLeaf } from "../../src/window/json_walk.ts";

test("walkLeaf() knows every byte at every alignment", () => {
  for (let byte = 0; byte < 256; byte++) {
    for (let before = 0; before < 9; before++) {
      const text = Buffer.from(`${"a".repeat(before)}b${"c".repeat(9)}"d`);
      text[before] = byte;
      expectString(text);
    }
  }
});

test("walkLeaf() knows every escape", () => {
  for (let byte = 0; byte < 256; byte++) {
    expectString(Buffer.from([0x61, 0x5c, byte, 0x62, 0x22, 0x22]));
    for (let digit = 0; digit < 4; digit++) {
      const text = Buffer.from('a\\u00e9b"');
      text[3 + digit] = byte;
      expectString(text);
    }
  }
});

test("walkLeaf() accepts the same UTF-8 as Node", () => {
  for (let lead = 0x80; lead < 256; lead++) {
    for (let second = 0; second < 256; second++) {
      for (const third of [0x22, 0x61, 0x7f, 0x80, 0xbf, 0xc0]) {
        for (const fourth of [0x22, 0x80, 0xbf, 0xe9]) {
          expectString(Buffer.from([lead, second, third, fourth, 0x22]));
        }
      }
    }
  }
});

test("walkLeaf() stops at the end of the record", () => {
  for (const text of ["", "abc", "abcdefgh", "\\", "\\u00e", "\\u00e9", "é"]) {
    const bytes = Buffer.from(`"${text}"`);
    assert.equal(walkLeaf(viewOf(bytes), 0, bytes.length - 1), BROKEN);
  }
  const cut = Buffer.from('"€"').subarray(0, 3);
  assert.equal(walkLeaf(viewOf(cut), 0, cut.length), BROKEN);
});

test("walkLeaf() accepts the numbers and literals of JSON", () => {
  const scalar = fc.oneof(
    fc.stringMatching(/^-?[0-9]{0,3}(\.[0-9]{0,2})?([eE][+-]?[0-9]{0,2})?$/),
    fc.stringMatching(/^[-+.eE019]{1,6}$/),
    fc
      .tuple(fc.constantFrom("true", "false", "null"), fc.nat(5), fc.string())
      .map(([text, at, tail]) => text.slice(0, at) + tail.slice(0, 1)),
  );
  fc.assert(
    fc.property(scalar, (text) => {
      if (/^$|[\s"[{]/.test(text)) return;
      // A leaf is never the end of a record.
      const bytes = Buffer.from(`${text}}`);
      const end = walkLeaf(viewOf(bytes), 0, bytes.length);
      assert.equal(end === bytes.length - 1, parses(text), text);
    }),
    { numRuns: 20_000 },
  );
});

test("skipSpace() skips the white space of JSON and no other", () => {
  for (let byte = 0; byte < 256; byte++) {
    const bytes = Buffer.from([byte]);
    const expected = " \t\n\r".includes(String.fromCharCode(byte)) ? 1 : 0;
    assert.equal(skipSpace(viewOf(bytes), 0, 1), expected);
  }
});

/** Compares with what Node and `JSON.parse` say of a string's content. */
function expectString(text: Buffer): void {
  const record = Buffer.concat([Buffer.from('"'), text]);
  const end = walkLeaf(viewOf(record), 0, record.length);
  if (end === BROKEN) {
    // No quote in it may end a valid string.
    for (let at = 0; at < text.length; at++) {
      const isEnd = text[at] === 0x22 && isString(text.subarray(0, at));
      assert.equal(isEnd, false, text.toString("hex"));
    }
    return;
  }
  const content = text.subarray(0, (end < 0 ? ~end : end) - 2);
  assert.equal(text[content.length], 0x22);
  assert.equal(isString(content), true, text.toString("hex"));
  const isPlain =
    /^[ -~]*$/.test(content.toString()) && !content.includes(0x5c);
  assert.equal(end >= 0, isPlain, text.toString("hex"));
}

function isString(content: Buffer): boolean {
  return isUtf8(content) && parses(`"${content.toString()}"`);
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
