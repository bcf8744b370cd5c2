import assert from "node:assert/strict";
import { test } from "node:test";
import { shownBytes } from "../../src/record/shown_bytes.ts";

test("shownBytes() shows text as text, and moves no cursor", () => {
  const cases: [string | Buffer, string][] = [
    ["hello", '"hello"'],
    ["a text that goes on and on", '"a text that goes on and …"'],
    ["\u001b[2J", "the bytes 1b 5b 32 4a"],
    [Buffer.of(0x21, 0xff), "the bytes 21 ff"],
    ["", "a record without a value"],
  ];
  for (const [value, shown] of cases) {
    assert.equal(shownBytes(Buffer.from(value)), shown);
  }
});
