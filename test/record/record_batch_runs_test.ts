import assert from "node:assert/strict";
import { test } from "node:test";
import { newCursor, newRun } from "../../src/record/record_batch.ts";
import type { RecordBatchReader } from "../../src/record/record_batch_reader.ts";
import { readerOf } from "../support/batch_reader.ts";
import { buildBatch } from "../support/record_batch_builder.ts";
import { walkRecords } from "../support/walk_records.ts";

const A = { key: "a", value: "first" };
const B = { key: "b", value: "second" };

function offsetsOf(reader: RecordBatchReader): number[] {
  return walkRecords(reader).map(({ offset }) => offset);
}

/** What `nextRun` gives, as often as it gives something. */
function runsOf(reader: RecordBatchReader, bytesMax = 1000) {
  const run = newRun();
  const runs: [offset: number, count: number, records: string][] = [];
  while (reader.nextRun(run, bytesMax)) {
    const records = run.bytes.subarray(run.start, run.end);
    runs.push([run.base.offset, run.count, records.toString("hex")]);
  }
  return runs;
}

test("RecordBatchReader.nextRun() gives whole batches, unpacked", () => {
  const records = buildBatch({ baseOffset: 0, records: [A, B] }).subarray(61);
  const hex = records.toString("hex");
  const reader = readerOf([
    { baseOffset: 5, records: [A, B] },
    { baseOffset: 7, records: [] },
    { baseOffset: 9, records: [A, B], compression: "gzip" },
  ]);
  assert.deepEqual(runsOf(reader), [
    [5, 2, hex],
    [9, 2, hex],
  ]);
  assert.deepEqual(offsetsOf(reader), []);
});

test("RecordBatchReader.nextRun() leaves to next() what is not wanted whole", () => {
  const batches = [
    { baseOffset: 10, records: [A, B, A] },
    { baseOffset: 13, records: [A, B] },
    { baseOffset: 15, records: [A, B, A] },
  ];
  const reader = readerOf(batches, { firstOffset: 11, endOffset: 17 });
  const cursor = newCursor();
  assert.deepEqual(runsOf(reader), []);
  assert.equal(reader.next(cursor), true);
  assert.equal(cursor.offset, 11);
  // In mid-batch it is too late for a run.
  assert.deepEqual(runsOf(reader), []);
  assert.equal(reader.next(cursor), true);
  assert.equal(cursor.offset, 12);
  assert.deepEqual(
    runsOf(reader).map(([offset, count]) => [offset, count]),
    [[13, 2]],
  );
  assert.deepEqual(offsetsOf(reader), [15, 16]);
  assert.deepEqual(runsOf(reader), []);
});

test("RecordBatchReader.nextRun() leaves to next() what is too large", () => {
  const { length } = buildBatch({ baseOffset: 0, records: [A] }).subarray(61);
  const batches = [
    { baseOffset: 0, records: [A] },
    { baseOffset: 1, records: [A, A] },
  ];
  const reader = readerOf(batches);
  assert.equal(runsOf(reader, length).length, 1);
  assert.deepEqual(offsetsOf(reader), [1, 2]);
});

test("RecordBatchReader says from what offsets and times are counted", () => {
  const batches = [
    { baseOffset: 3, baseTimestamp: 1e12, records: [A, B] },
    { baseOffset: 5, baseTimestamp: 1, appendTime: 2e12, records: [A] },
  ];
  const expected = [
    { offset: 3, timeMs: 1e12, hasAppendTime: false },
    { offset: 5, timeMs: 2e12, hasAppendTime: true },
  ];
  const run = newRun();
  const whole = readerOf(batches);
  for (const base of expected) {
    assert.equal(whole.nextRun(run, 1000), true);
    assert.deepEqual(run.base, base);
  }
  const cursor = newCursor();
  const single = readerOf(batches);
  for (const base of [expected[0], expected[0], expected[1]]) {
    assert.equal(single.next(cursor), true);
    assert.deepEqual(cursor.base, base);
    const { bytes, recordStart, recordEnd } = cursor;
    assert.equal(bytes[recordStart]! >> 1, recordEnd - recordStart - 1);
  }
});
