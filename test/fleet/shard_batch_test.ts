import assert from "node:assert/strict";
import { test } from "node:test";
import { batchedByteLength, ShardBatch } from "../../src/fleet/shard_batch.ts";
import type { RawRecords } from "../../src/kernel/host/visit_columns.ts";
import {
  newCursor,
  newRun,
  type RecordCursor,
  type RecordRun,
} from "../../src/record/record_batch.ts";
import { VisitScanner } from "../../src/window/visit_scanner.ts";
import { buildRuns } from "../support/raw_records_builder.ts";
import { scanAll } from "../support/scanned_rows.ts";

/** A record as a source has it that is not Kafka. */
function record(
  offset: number,
  value: string | null,
  key: string | null = null,
): RecordCursor {
  const cursor = newCursor();
  cursor.bytes = Buffer.from(`${key ?? ""}${value ?? ""}`);
  cursor.keyLength = key === null ? -1 : Buffer.byteLength(key);
  cursor.valueStart = Math.max(0, cursor.keyLength);
  cursor.valueLength = value === null ? -1 : Buffer.byteLength(value);
  cursor.offset = offset;
  return cursor;
}

/** Many records as Kafka has them, with other bytes around. */
function run(baseOffset: number, values: readonly string[]): RecordRun {
  const records = values.map((value) => ({ key: "k", value }));
  const { bytes } = buildRuns([{ records }]);
  const made = newRun();
  made.bytes = Buffer.concat([Buffer.alloc(9), bytes, Buffer.alloc(9)]);
  made.start = 9;
  made.end = 9 + bytes.length;
  made.count = values.length;
  made.base.offset = baseOffset;
  made.base.timeMs = 1e12;
  return made;
}

function origin(partition: number, fetchedAtMs: number) {
  return { partition, fetchedAtMs };
}

/** What the shard's thread will read out of the batch. */
function contentsOf(batch: ShardBatch, payload: ArrayBuffer) {
  const bytes = Buffer.from(payload).subarray(0, batch.byteLength);
  const raw: RawRecords = { bytes, ...batch.columns() };
  const rules = { maxRecordBytes: 1 << 20, maxSkewMs: null } as const;
  const scanner = new VisitScanner({ timePrecision: "s", ...rules });
  return scanAll(scanner, raw).map((row) => {
    const { partition, offset, recordKey, value } = row;
    return [partition, offset, recordKey, value];
  });
}

test("ShardBatch keeps records of any source, and where they come from", () => {
  const payload = new ArrayBuffer(256);
  const batch = new ShardBatch(payload);
  const based = (cursor: RecordCursor, offset: number) => {
    cursor.base.offset = offset;
    return cursor;
  };
  batch.add(based(record(10, "aa", "k"), 10), origin(3, 1));
  batch.add(based(record(12, null), 10), origin(3, 1));
  batch.add(based(record(13, "b"), 13), origin(3, 2));
  batch.add(based(record(5, ""), 5), origin(0, 2));
  batch.addRun(run(20, ["x", "yy"]), origin(0, 2));
  const single = record(0, null);
  const { bytes, start, end } = run(30, ["z"]);
  Object.assign(single, { bytes, recordStart: start, recordEnd: end });
  batch.add(based(single, 30), origin(0, 2));
  assert.deepEqual(contentsOf(batch, payload), [
    [3, 10, "k", "aa"],
    [3, 12, null, null],
    [3, 13, null, "b"],
    [0, 5, null, ""],
    [0, 20, "k", "x"],
    [0, 21, "k", "yy"],
    [0, 30, "k", "z"],
  ]);
  assert.equal(batch.count, 7);
  assert.deepEqual(batch.fetchedRuns(), [
    { fetchedAtMs: 1, count: 2 },
    { fetchedAtMs: 2, count: 1 },
    { fetchedAtMs: 2, count: 1 },
    { fetchedAtMs: 2, count: 2 },
    { fetchedAtMs: 2, count: 1 },
  ]);
});

test("ShardBatch keeps the times of records", () => {
  const batch = new ShardBatch(new ArrayBuffer(64));
  const appended = run(1, ["a"]);
  appended.base.hasAppendTime = true;
  batch.add(record(0, "a"), origin(0, 1));
  batch.addRun(run(1, ["a"]), origin(1, 1));
  batch.addRun(appended, origin(2, 1));
  assert.deepEqual([...batch.columns().runBaseTimesMs], [-1, 1e12, 1e12]);
  assert.deepEqual([...batch.columns().runAppendTimes], [0, 0, 1]);
});

test("ShardBatch is full exactly at the end of its payload", () => {
  const first = record(0, "aa");
  const size = batchedByteLength(first);
  const batch = new ShardBatch(new ArrayBuffer(2 * size));
  batch.add(first, origin(0, 1));
  assert.equal(batch.byteLength, size);
  assert.equal(batch.fits(size, 1), true);
  assert.equal(batch.fits(size + 1, 1), false);
});

test("ShardBatch is full at its number of records, but takes any number first", () => {
  const batch = new ShardBatch(new ArrayBuffer(1 << 20));
  assert.equal(batch.fits(100, 100_000), true);
  const many = run(0, Array.from({ length: 8190 }, String));
  batch.addRun(many, origin(0, 1));
  assert.equal(batch.fits(10, 2), true);
  assert.equal(batch.fits(10, 3), false);
});

test("ShardBatch takes a payload for a record larger than its own", () => {
  const batch = new ShardBatch(new ArrayBuffer(4));
  const large = record(0, "x".repeat(100));
  const size = batchedByteLength(large);
  assert.equal(batch.fits(size, 1), false);
  batch.replacePayload(new ArrayBuffer(size));
  assert.equal(batch.fits(size, 1), true);
  batch.add(large, origin(0, 1));
  assert.equal(batch.byteLength, size);
});

test("ShardBatch is full at its number of runs", () => {
  const batch = new ShardBatch(new ArrayBuffer(1 << 20));
  for (let offset = 0; offset < 1024; offset++) {
    assert.equal(batch.fits(10, 1), true);
    batch.addRun(run(offset, ["a"]), origin(0, 1));
  }
  assert.equal(batch.fits(10, 1), false);
});

test("ShardBatch is empty after its payload was replaced", () => {
  const payload = new ArrayBuffer(64);
  const batch = new ShardBatch(payload);
  batch.add(record(0, "a"), origin(0, 1));
  assert.equal(batch.replacePayload(new ArrayBuffer(64)), payload);
  assert.equal(batch.count, 0);
  assert.equal(batch.byteLength, 0);
  assert.deepEqual([...batch.columns().runCounts], []);
  assert.deepEqual(batch.fetchedRuns(), []);
});
