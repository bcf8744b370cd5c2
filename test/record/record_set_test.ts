import assert from "node:assert/strict";
import { test } from "node:test";
import { type RecordSet, scanRecordSet } from "../../src/record/record_set.ts";
import {
  type BuiltBatch,
  buildBatch,
} from "../support/record_batch_builder.ts";

const RECORD = { key: "k", value: "v" };
const BYTES_OF_ONE = buildBatch({ baseOffset: 0, records: [RECORD] }).length;

function one(baseOffset: number, more: Partial<BuiltBatch> = {}): BuiltBatch {
  return { baseOffset, records: [RECORD], ...more };
}

function scan(batches: readonly BuiltBatch[], set: Partial<RecordSet> = {}) {
  const bytes = Buffer.concat(batches.map(buildBatch));
  return scanRecordSet({
    bytes,
    start: 0,
    end: bytes.length,
    aborted: [],
    fetchOffset: 0,
    endOffset: Number.POSITIVE_INFINITY,
    chunkBytes: 1024,
    chunkRecords: 100,
    ...set,
  });
}

function startsOf({ chunks }: ReturnType<typeof scan>): number[][] {
  return chunks.map(({ starts }) => starts.map((at) => at / BYTES_OF_ONE));
}

test("scanRecordSet() leaves out a batch that the fetch cut off", () => {
  const batches = [one(0), one(1)];
  for (let cut = 1; cut < BYTES_OF_ONE; cut++) {
    const scanned = scan(batches, { end: 2 * BYTES_OF_ONE - cut });
    assert.deepEqual(startsOf(scanned), [[0]]);
    assert.equal(scanned.nextOffset, 1);
  }
});

test("scanRecordSet() stays where it is when no batch is whole", () => {
  const scanned = scan([one(7)], { end: 30, fetchOffset: 7 });
  assert.deepEqual(scanned, { chunks: [], nextOffset: 7, leaderEpoch: -1 });
});

test("scanRecordSet() moves past control and aborted batches", () => {
  const transactional = { isTransactional: true, producerId: 4 };
  const scanned = scan(
    [
      one(0, transactional),
      one(1),
      one(2, { ...transactional, isControl: true }),
      one(3, transactional),
    ],
    { aborted: [{ producerId: 4, firstOffset: 0 }] },
  );
  assert.deepEqual(startsOf(scanned), [[1, 3]]);
  assert.equal(scanned.nextOffset, 4);
});

test("scanRecordSet() leaves out batches before the fetch offset and from the end on", () => {
  const batches = [0, 1, 2, 3, 4].map((offset) => one(offset));
  const scanned = scan(batches, { fetchOffset: 2, endOffset: 4 });
  assert.deepEqual(startsOf(scanned), [[2, 3]]);
  assert.equal(scanned.nextOffset, 5);
});

test("scanRecordSet() begins a chunk when the last one is full", () => {
  const batches = [0, 1, 2, 3, 4].map((offset) => one(offset));
  const scanned = scan(batches, { chunkBytes: BYTES_OF_ONE + 1 });
  assert.deepEqual(startsOf(scanned), [[0, 1], [2, 3], [4]]);
});

test("scanRecordSet() begins a chunk when the last one has many records", () => {
  const records = [RECORD, RECORD];
  const batches = [one(0), one(1, { records }), one(3), one(4, { records })];
  const scanned = scan(batches, { chunkRecords: 3 });
  const counts = scanned.chunks.map(({ starts, count }) => [
    starts.length,
    count,
  ]);
  assert.deepEqual(counts, [
    [2, 3],
    [2, 3],
  ]);
});

for (const compression of ["gzip", "snappy", "lz4", "zstd"] as const) {
  test(`scanRecordSet() cuts chunks by what ${compression} batches unpack to`, () => {
    const records = [{ key: null, value: "visit ".repeat(5000) }];
    const small = (baseOffset: number) => one(baseOffset, { compression });
    const large = (baseOffset: number) =>
      one(baseOffset, { compression, records });
    const batches = [
      small(0),
      small(1),
      large(2),
      large(3),
      large(4),
      small(5),
    ];
    const counts = (chunkBytes: number) =>
      scan(batches, { chunkBytes }).chunks.map(({ starts }) => starts.length);
    // Two large ones are 60 kB; one beyond the limit goes alone.
    assert.deepEqual(counts(70_000), [4, 2]);
    assert.deepEqual(counts(20_000), [2, 1, 1, 1, 1]);
  });
}

test("scanRecordSet() names a format that it cannot read", () => {
  const bytes = buildBatch(one(0));
  bytes[16] = 1;
  assert.throws(() => scan([], { bytes, end: bytes.length }), {
    name: "WorldError",
    message:
      "Cannot read record batch: its format is 1, expected 2 (Kafka 0.11 or newer)",
  });
});
