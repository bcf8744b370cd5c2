import assert from "node:assert/strict";
import { test } from "node:test";
import { BatchCursor } from "../../src/record/batch_cursor.ts";
import { type Chunk, placeOf } from "../../src/record/chunk.ts";
import { RecordReader } from "../../src/record/record_reader.ts";
import { chunkOf, walkChunk } from "../support/built_chunk.ts";
import { buildBatch } from "../support/record_batch_builder.ts";

const A = { key: "a", value: "first" };
const B = { key: "b", value: "second" };
const CODECS = ["none", "gzip", "snappy", "lz4", "zstd"] as const;

function offsetsOf(chunk: Chunk): number[] {
  return walkChunk(chunk).map(({ offset }) => offset);
}

/** What the cursor says of each batch, which it is moved through at once. */
function batchesOf(chunk: Chunk) {
  const cursor = new BatchCursor();
  const batches: [offset: number, count: number, records: string][] = [];
  for (cursor.open(placeOf(chunk, "visits")); !cursor.isDone; ) {
    const { baseOffset, recordsLeft, bytes, at, end } = cursor;
    batches.push([baseOffset, recordsLeft, bytes.toString("hex", at, end)]);
    assert.equal(cursor.advance(recordsLeft, end), true);
  }
  return batches;
}

test("BatchCursor leads through the records of several batches", () => {
  const chunk = chunkOf([
    { baseOffset: 5, baseTimestamp: 1e12, records: [A, B] },
    {
      baseOffset: 2 ** 40,
      baseTimestamp: 2e12,
      compression: "zstd",
      records: [{ ...A, timestampDelta: -(2 ** 40) }],
    },
  ]);
  assert.deepEqual(walkChunk(chunk), [
    { partition: 3, offset: 5, key: "a", value: "first", timestampMs: 1e12 },
    { partition: 3, offset: 6, key: "b", value: "second", timestampMs: 1e12 },
    {
      partition: 3,
      offset: 2 ** 40,
      key: "a",
      value: "first",
      timestampMs: 2e12 - 2 ** 40,
    },
  ]);
});

test("BatchCursor tells null from empty keys and values, and steps over headers", () => {
  const headers = { origin: "x".repeat(200), empty: "" };
  const records = [
    { key: null, value: null, headers },
    { key: "", value: "", headers },
    { key: null, value: "v" },
  ];
  const walked = walkChunk(chunkOf([{ baseOffset: 0, records }]));
  assert.deepEqual(
    walked.map(({ key, value }) => [key, value]),
    [
      [null, null],
      ["", ""],
      [null, "v"],
    ],
  );
});

test("BatchCursor keeps the gaps that compaction left", () => {
  const chunk = chunkOf([
    { baseOffset: 0, records: [], lastOffsetDelta: 9 },
    {
      baseOffset: 10,
      lastOffsetDelta: 99,
      records: [
        { ...A, offsetDelta: 4 },
        { ...B, offsetDelta: 70 },
      ],
    },
    { baseOffset: 200, records: [] },
  ]);
  assert.deepEqual(offsetsOf(chunk), [14, 80]);
  assert.equal(chunk.count, 2);
});

test("BatchCursor is done at once where there are no records", () => {
  const cursor = new BatchCursor();
  assert.equal(cursor.isDone, true);
  for (const batches of [[], [{ baseOffset: 0, records: [] }]]) {
    cursor.open(placeOf(chunkOf(batches), "visits"));
    assert.deepEqual([cursor.isDone, cursor.recordsLeft], [true, 0]);
  }
});

test("BatchCursor gives whole batches, unpacked", () => {
  const records = buildBatch({ baseOffset: 0, records: [A, B] }).subarray(61);
  const hex = records.toString("hex");
  const eight = Array.from({ length: 8 }, () => A);
  const eightHex = buildBatch({ baseOffset: 0, records: eight })
    .subarray(61)
    .toString("hex");
  const chunk = chunkOf([
    { baseOffset: 5, records: [A, B] },
    { baseOffset: 7, records: [] },
    ...CODECS.map((compression, index) => ({
      ...{ baseOffset: 9 + 2 * index, compression },
      records: [A, B],
    })),
    { baseOffset: 19, records: eight },
    { baseOffset: 27, records: eight },
  ]);
  assert.deepEqual(batchesOf(chunk), [
    [5, 2, hex],
    ...CODECS.map((_, index) => [9 + 2 * index, 2, hex]),
    [19, 8, eightHex],
    [27, 8, eightHex],
  ]);
  assert.equal(chunk.count, 28);
});

test("BatchCursor says what is packed, and which batches are wanted whole", () => {
  const batches = [
    { baseOffset: 10, records: [A, B, A] },
    { baseOffset: 13, records: [A, B], compression: "gzip" as const },
    { baseOffset: 15, records: [A, B, A] },
  ];
  const range = { firstOffset: 11, endOffset: 17 };
  const chunk = chunkOf(batches, range);
  const cursor = new BatchCursor();
  const seen: [isWhole: boolean, isPacked: boolean, isFrame: boolean][] = [];
  for (cursor.open(placeOf(chunk, "visits")); !cursor.isDone; ) {
    const { isWhole, isPacked, bytes, recordsLeft, end } = cursor;
    seen.push([isWhole, isPacked, bytes.buffer === chunk.bytes.buffer]);
    const { firstOffset, endOffset, partition } = cursor;
    assert.deepEqual({ firstOffset, endOffset }, range);
    assert.equal(partition, 3);
    cursor.advance(recordsLeft, end);
  }
  assert.deepEqual(seen, [
    [false, false, true],
    [true, true, false],
    [false, false, true],
  ]);
  assert.deepEqual(offsetsOf(chunk), [11, 12, 13, 14, 15, 16]);
});

test("BatchCursor can stop in a batch, and go on from there", () => {
  const chunk = chunkOf([{ baseOffset: 4, records: [A, B, A] }]);
  const cursor = new BatchCursor();
  const record = new RecordReader();
  cursor.open(placeOf(chunk, "visits"));
  const ends: boolean[] = [];
  while (!cursor.isDone) {
    assert.equal(record.read(cursor.bytes, cursor.at, cursor.end), true);
    ends.push(cursor.advance(1, record.end));
  }
  assert.deepEqual(ends, [false, false, true]);
});

test("BatchCursor gives the time of the append where the topic says so", () => {
  const batches = [
    { baseOffset: 3, baseTimestamp: 1e12, records: [A, B] },
    {
      ...{ baseOffset: 5, baseTimestamp: 1, appendTime: 1_700_000_000_000 },
      records: [{ ...A, timestampDelta: 5 }],
    },
  ];
  const chunk = chunkOf(batches);
  assert.deepEqual(
    walkChunk(chunk).map(({ timestampMs }) => timestampMs),
    [1e12, 1e12, 1_700_000_000_000],
  );
  assert.equal(chunk.newestMs, 1_700_000_000_000);
  const cursor = new BatchCursor();
  const bases: unknown[] = [];
  for (cursor.open(placeOf(chunk, "visits")); !cursor.isDone; ) {
    const { baseOffset, baseTimeMs, hasAppendTime } = cursor;
    bases.push([baseOffset, baseTimeMs, hasAppendTime]);
    cursor.advance(cursor.recordsLeft, cursor.end);
  }
  assert.deepEqual(bases, [
    [3, 1e12, 0],
    [5, 1_700_000_000_000, 1],
  ]);
});

test("BatchCursor reads a record of 700 KB, packed or not", () => {
  const value = "v".repeat(700_000);
  for (const compression of CODECS) {
    const records = [A, { key: null, value }, B];
    const chunk = chunkOf([{ baseOffset: 0, compression, records }]);
    const lengths = walkChunk(chunk).map((each) => each.value?.length);
    assert.deepEqual(lengths, [5, 700_000, 6], compression);
  }
});
