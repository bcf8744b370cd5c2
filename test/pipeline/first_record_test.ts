import assert from "node:assert/strict";
import { test } from "node:test";
import { FirstRecord } from "../../src/pipeline/first_record.ts";
import {
  newCursor,
  newRun,
  type RecordBatch,
} from "../../src/record/record_batch.ts";
import { listBatch } from "../support/list_batch.ts";

const HEADER = "visit_id,event_time";

function batchOf(values: readonly string[]): RecordBatch {
  return listBatch(values, { partition: 3, baseOffset: 7 });
}

function offsetsOf(batch: RecordBatch): number[] {
  const cursor = newCursor();
  const offsets: number[] = [];
  while (batch.next(cursor)) offsets.push(cursor.offset);
  return offsets;
}

test("FirstRecord shows what the first record looks like, not the next ones", () => {
  const first = new FirstRecord();
  assert.equal(first.looksLike, null);
  assert.deepEqual(offsetsOf(first.watch(batchOf([HEADER, "{"]))), [7, 8]);
  assert.match(first.looksLike!, /^CSV/);
  offsetsOf(first.watch(batchOf(["{", "<html>"])));
  assert.match(first.looksLike!, /^CSV/);
});

test("FirstRecord waits for a record that holds something", () => {
  const first = new FirstRecord();
  assert.deepEqual(offsetsOf(first.watch(batchOf(["", ""]))), [7, 8]);
  assert.equal(first.looksLike, null);
  offsetsOf(first.watch(batchOf(["", HEADER])));
  assert.match(first.looksLike!, /^CSV/);
});

test("FirstRecord watches no batch any more when it has a record", () => {
  const first = new FirstRecord();
  const watched = first.watch(batchOf([HEADER]));
  assert.equal(watched.partition, 3);
  assert.equal(watched.nextRun!(newRun(), 1 << 20), false);
  offsetsOf(watched);
  const later = batchOf([HEADER]);
  assert.equal(first.watch(later), later);
});

test("FirstRecord keeps the start of a record that is large", () => {
  const first = new FirstRecord();
  offsetsOf(first.watch(batchOf([`[${"1,".repeat(1_000_000)}`])));
  assert.match(first.looksLike!, /^one JSON array/);
});
