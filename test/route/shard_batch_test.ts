import assert from "node:assert/strict";
import { test } from "node:test";
import { ShardBatch } from "../../src/route/shard_batch.ts";
import type { RecordCursor } from "../../src/source/source.ts";

function record(
  offset: number,
  value: string | null,
  key: string | null = null,
): RecordCursor {
  const bytes = Buffer.from(`${key ?? ""}${value ?? ""}`);
  const keyLength = key === null ? -1 : Buffer.byteLength(key);
  return {
    bytes,
    keyStart: 0,
    keyLength,
    valueStart: Math.max(0, keyLength),
    valueLength: value === null ? -1 : Buffer.byteLength(value),
    offset,
    timestampMs: offset * 1000,
  };
}

test("ShardBatch copies values and keeps their places in runs", () => {
  const payload = new ArrayBuffer(64);
  const batch = new ShardBatch(payload, { keys: false, timestamps: false });
  batch.add(record(10, "aa", "k"), 3, 1);
  batch.add(record(12, null), 3, 1);
  batch.add(record(13, "b"), 3, 2);
  batch.add(record(5, ""), 0, 2);
  const columns = batch.columns();
  assert.deepEqual([...columns.valueLengths], [2, -1, 1, 0]);
  assert.deepEqual([...columns.keyLengths], []);
  assert.deepEqual([...columns.timestampsMs], []);
  assert.deepEqual([...columns.runPartitions], [3, 3, 0]);
  assert.deepEqual([...columns.runCounts], [2, 1, 1]);
  assert.deepEqual([...columns.runBaseOffsets], [10, 13, 5]);
  assert.deepEqual([...columns.offsetDeltas], [0, 2, 0, 0]);
  assert.equal(Buffer.from(payload, 0, 3).toString(), "aab");
  assert.deepEqual(batch.fetchedRuns(), [
    { fetchedAtMs: 1, count: 2 },
    { fetchedAtMs: 2, count: 1 },
    { fetchedAtMs: 2, count: 1 },
  ]);
});

test("ShardBatch carries keys and timestamps when asked to", () => {
  const payload = new ArrayBuffer(64);
  const batch = new ShardBatch(payload, { keys: true, timestamps: true });
  batch.add(record(1, "vv", "key"), 0, 1);
  batch.add(record(2, "w"), 0, 1);
  assert.deepEqual([...batch.columns().keyLengths], [3, -1]);
  assert.deepEqual([...batch.columns().timestampsMs], [1000, 2000]);
  assert.equal(Buffer.from(payload, 0, 6).toString(), "keyvvw");
});

test("ShardBatch is full exactly at the end of its payload", () => {
  const payload = new ArrayBuffer(4);
  const batch = new ShardBatch(payload, { keys: false, timestamps: false });
  batch.add(record(0, "aa"), 0, 1);
  assert.equal(batch.fits(record(1, "bb")), true);
  assert.equal(batch.fits(record(1, "bbb")), false);
});

test("ShardBatch makes room for a record larger than its payload", () => {
  const payload = new ArrayBuffer(4);
  const batch = new ShardBatch(payload, { keys: false, timestamps: false });
  const large = record(0, "x".repeat(100));
  assert.equal(batch.fits(large), false);
  batch.makeRoom(large);
  assert.equal(batch.fits(large), true);
  batch.add(large, 0, 1);
  assert.equal(batch.byteLength, 100);
});

test("ShardBatch starts a new run where a delta would not fit", () => {
  const payload = new ArrayBuffer(64);
  const batch = new ShardBatch(payload, { keys: false, timestamps: false });
  batch.add(record(0, "a"), 0, 1);
  batch.add(record(0x7fffffff, "b"), 0, 1);
  batch.add(record(0x80000000, "c"), 0, 1);
  assert.deepEqual([...batch.columns().runCounts], [2, 1]);
  assert.deepEqual([...batch.columns().runBaseOffsets], [0, 0x80000000]);
});

test("ShardBatch is empty after its payload was replaced", () => {
  const payload = new ArrayBuffer(64);
  const batch = new ShardBatch(payload, { keys: false, timestamps: false });
  batch.add(record(0, "a"), 0, 1);
  assert.equal(batch.replacePayload(new ArrayBuffer(64)), payload);
  assert.equal(batch.count, 0);
  assert.equal(batch.byteLength, 0);
  assert.deepEqual([...batch.columns().valueLengths], []);
  assert.deepEqual(batch.fetchedRuns(), []);
});
