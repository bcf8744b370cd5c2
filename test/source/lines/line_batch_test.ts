import assert from "node:assert/strict";
import { test } from "node:test";
import { newCursor } from "../../../src/record/record_batch.ts";
import { LineBatch } from "../../../src/source/lines/line_batch.ts";

function linesOf(text: string, firstLine = 0): [number, string][] {
  const cursor = newCursor();
  const origin = { line: firstLine, fetchedAtMs: 0 };
  const batch = new LineBatch(Buffer.from(text), origin);
  const lines: [number, string][] = [];
  while (batch.next(cursor)) {
    const { bytes, valueStart, valueLength, offset } = cursor;
    const end = valueStart + valueLength;
    lines.push([offset, bytes.toString("utf8", valueStart, end)]);
  }
  return lines;
}

test("LineBatch gives lines with their numbers as offsets", () => {
  assert.deepEqual(linesOf("a\nb\n", 7), [
    [7, "a"],
    [8, "b"],
  ]);
});

test("LineBatch skips blank lines but counts them", () => {
  assert.deepEqual(linesOf("a\n\n  \t\nb\n"), [
    [0, "a"],
    [3, "b"],
  ]);
});

test("LineBatch strips a CR before the LF, and only that one", () => {
  assert.deepEqual(linesOf("a\r\nb\r\r\n\r\nc"), [
    [0, "a"],
    [1, "b\r"],
    [3, "c"],
  ]);
});

test("LineBatch gives a last line without a line feed", () => {
  assert.deepEqual(linesOf("a\nb"), [
    [0, "a"],
    [1, "b"],
  ]);
});

test("LineBatch gives a line that was cut as it is, also a blank one", () => {
  const cursor = newCursor();
  const origin = { line: 4, fetchedAtMs: 0, isCut: true };
  const batch = new LineBatch(Buffer.from("   \r"), origin);
  assert.ok(batch.next(cursor));
  assert.equal(cursor.offset, 4);
  assert.equal(cursor.valueLength, 4);
  assert.ok(!batch.next(cursor));
  assert.equal(batch.line, 5);
});
