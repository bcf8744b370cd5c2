import assert from "node:assert/strict";
import { test } from "node:test";
import { LogExtent } from "../../src/checkpoint/log_extent.ts";
import { LogMarks } from "../../src/checkpoint/log_marks.ts";
import { encodeMark } from "../../src/checkpoint/mark.ts";
import { MarkBatches } from "../../src/checkpoint/mark_batches.ts";
import { WindowLogError } from "../../src/errors.ts";
import { decodeBatch } from "../support/decode_batches.ts";
import { listChunk } from "../support/list_chunk.ts";
import { MARK } from "./marks.ts";

const PUT = "\u0011 as the kernel writes them";

function markText(commit: number): string {
  return encodeMark({ ...MARK, commit }).toString();
}

test("LogMarks: finds the marks, and where each commit lies", () => {
  const extent = new LogExtent(3, { from: 10, end: 17 });
  const marks = new LogMarks("w", extent);
  // One batch of a shard and a mark, merged; then one that goes on.
  marks.read(
    listChunk([PUT, PUT, markText(4)], { partition: 3, baseOffset: 10 }),
  );
  assert.equal(marks.last?.commit, 4);
  assert.equal(marks.lastOffset, 12);
  marks.read(listChunk([PUT], { partition: 3, baseOffset: 14 }));
  assert.equal(marks.last?.commit, 4);
  marks.read(listChunk([PUT, markText(9)], { partition: 3, baseOffset: 15 }));
  assert.equal(marks.last?.commit, 9);
  assert.equal(marks.records, 6);
  assert.equal(extent.end, 17);
  // Around a value of less than 64 bytes stand 7 bytes, of a mark 9.
  const values = markText(4).length + markText(9).length + 4 * PUT.length;
  assert.equal(extent.byteLength, values + 4 * 7 + 2 * 9);
  extent.moveFrom(9);
  assert.equal(extent.from, 13);
});

test("LogMarks: a damaged mark is refused", () => {
  const marks = new LogMarks("w", new LogExtent(0, { from: 0, end: 1 }));
  const chunk = listChunk(['{"v":1'], { partition: 0, baseOffset: 5 });
  assert.throws(
    () => marks.read(chunk),
    (error) =>
      error instanceof WindowLogError &&
      /w\[0\] at 5: it is no mark/.test(error.message),
  );
});

test("LogMarks: of several records of others the first is named", () => {
  const marks = new LogMarks("w", new LogExtent(0, { from: 0, end: 9 }));
  const values = [markText(4), "hello", '{"a":1}', '{"a":2}'];
  const chunk = listChunk(values, { partition: 0, baseOffset: 5 });
  assert.throws(
    () => marks.read(chunk),
    (error) =>
      error instanceof WindowLogError &&
      /^Cannot read window log w\[0\] at 6: "hello" is no record/.test(
        error.message,
      ),
  );
});

test("LogMarks: marks of two topics are not taken for one log", () => {
  const marks = new LogMarks("w", new LogExtent(0, { from: 0, end: 2 }));
  const other = encodeMark({ ...MARK, commit: 6, topicId: "def" }).toString();
  marks.read(listChunk([markText(5)], { partition: 0, baseOffset: 0 }));
  assert.throws(
    () => marks.read(listChunk([other], { partition: 0, baseOffset: 1 })),
    {
      name: "WorldError",
      message:
        'Cannot read the window log w[0] at 1: its mark is of topic "visits" (def), ' +
        'the one before it of topic "visits" (abc); jobs of one group that read ' +
        "different topics need a --window-log each",
    },
  );
});

test("LogMarks: commits that go back are those of two jobs", () => {
  const marks = new LogMarks("w", new LogExtent(0, { from: 0, end: 2 }));
  marks.read(listChunk([markText(5)], { partition: 0, baseOffset: 0 }));
  assert.throws(
    () => marks.read(listChunk([markText(2)], { partition: 0, baseOffset: 1 })),
    (error) =>
      error instanceof WindowLogError &&
      error.message ===
        "Cannot read the window log w[0] at 1: its mark is of commit 2, the one " +
          "before it of commit 5: two jobs have written to one log; each needs a " +
          "--window-log of its own",
  );
});

test("MarkBatches: each mark is a batch of its own, which stays as it is", async () => {
  const batches = new MarkBatches();
  const written = [1, 2, 3].map((commit) => batches.batch({ ...MARK, commit }));
  for (const [index, bytes] of written.entries()) {
    const { records } = await decodeBatch(bytes);
    const values = records.map(({ value }) => String(value));
    assert.deepEqual(values, [markText(index + 1)]);
  }
});
