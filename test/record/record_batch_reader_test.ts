import assert from "node:assert/strict";
import { test } from "node:test";
import { crc32c } from "../../src/record/crc32c.ts";
import type { RecordBatchReader } from "../../src/record/record_batch_reader.ts";
import { readerOf } from "../support/batch_reader.ts";
import { compress } from "../support/compress.ts";
import { packedBatch } from "../support/packed_batch.ts";
import { buildBatch, buildRecord } from "../support/record_batch_builder.ts";
import { walkRecords } from "../support/walk_records.ts";

const A = { key: "a", value: "first" };
const B = { key: "b", value: "second" };

function offsetsOf(reader: RecordBatchReader): number[] {
  return walkRecords(reader).map(({ offset }) => offset);
}

test("RecordBatchReader walks the records of several batches", () => {
  const reader = readerOf([
    { baseOffset: 5, baseTimestamp: 1e12, records: [A, B] },
    {
      baseOffset: 2 ** 40,
      baseTimestamp: 2e12,
      compression: "zstd",
      records: [{ ...A, timestampDelta: -(2 ** 40) }],
    },
  ]);
  assert.deepEqual(walkRecords(reader), [
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

test("RecordBatchReader tells null from empty keys and values, and steps over headers", () => {
  const headers = { origin: "x".repeat(200), empty: "" };
  const records = [
    { key: null, value: null, headers },
    { key: "", value: "", headers },
    { key: null, value: "v" },
  ];
  const walked = walkRecords(readerOf([{ baseOffset: 0, records }]));
  assert.deepEqual(
    walked.map(({ key, value }) => [key, value]),
    [
      [null, null],
      ["", ""],
      [null, "v"],
    ],
  );
});

test("RecordBatchReader keeps the gaps that compaction left", () => {
  const reader = readerOf([
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
  assert.deepEqual(offsetsOf(reader), [14, 80]);
});

test("RecordBatchReader leaves out records before the asked and from the end offset on", () => {
  const batches = [
    { baseOffset: 10, records: [A, B, A] },
    { baseOffset: 13, records: [A, B, A] },
  ];
  const reader = readerOf(batches, { firstOffset: 11, endOffset: 14 });
  assert.deepEqual(offsetsOf(reader), [11, 12, 13]);
  assert.deepEqual(offsetsOf(reader), []);
});

test("RecordBatchReader gives the time of the append where the topic says so", () => {
  const [record] = walkRecords(
    readerOf([
      {
        baseOffset: 0,
        baseTimestamp: 1,
        appendTime: 1_700_000_000_000,
        records: [{ ...A, timestampDelta: 5 }],
      },
    ]),
  );
  assert.equal(record?.timestampMs, 1_700_000_000_000);
});

test("RecordBatchReader.release() gives the frame back once and ends the walk", () => {
  let released = 0;
  const reader = readerOf([{ baseOffset: 0, records: [A, B] }], {
    release: () => released++,
  });
  reader.release();
  reader.release();
  assert.equal(released, 1);
  assert.deepEqual(offsetsOf(reader), []);
});

test("RecordBatchReader refuses a batch with a wrong CRC", () => {
  const bytes = buildBatch({ baseOffset: 42, records: [A] });
  bytes[bytes.length - 1]! ^= 1;
  const reader = readerOf([], { bytes, starts: [0] });
  assert.throws(() => offsetsOf(reader), {
    name: "WorldError",
    message:
      /^Cannot read topic "visits": the record batch at offset 42 of partition 3 is corrupt, CRC-32C is \d+, expected \d+$/,
  });
});

test("RecordBatchReader refuses records that reach past their batch", () => {
  const good = buildBatch({ baseOffset: 0, records: [A] });
  const { length } = good;
  // Every length byte of the record enlarged in turn, with a CRC that fits.
  for (const at of [61, 65, 67]) {
    const forged = Buffer.from(good);
    forged[at]! += 60;
    const compressed = buildBatch({ baseOffset: 0, records: [] });
    const batch = Buffer.concat([compressed, forged.subarray(61)]);
    batch.writeInt32BE(length - 12, 8);
    batch.writeInt32BE(1, 57);
    batch.writeUInt32BE(crc32c(batch.subarray(21)), 17);
    const reader = readerOf([], { bytes: batch, starts: [0] });
    assert.throws(() => offsetsOf(reader), /a record reaches past its end$/);
  }
});

test("RecordBatchReader refuses a batch with another number of records than it says", () => {
  const records = buildBatch({ baseOffset: 0, records: [A, B] }).subarray(61);
  const size = records.length;
  for (const compression of [
    "none",
    "gzip",
    "snappy",
    "lz4",
    "zstd",
  ] as const) {
    const packed = compress(compression, records);
    for (const [count, what] of [
      [1, `${buildRecord(B, 1).length} bytes are behind its last record`],
      [3, "a record reaches past its end"],
      [0, `it has ${size} bytes for 0 records`],
      [-1, `it has ${size} bytes for -1 records`],
      [0x7fffffff, `it has ${size} bytes for 2147483647 records`],
    ] as const) {
      const batch = { baseOffset: 42, compression, count };
      const bytes = packedBatch(packed, batch);
      // From the middle on, so that it is not taken whole.
      const reader = readerOf([], { bytes, starts: [0], firstOffset: 43 });
      assert.throws(() => offsetsOf(reader), {
        name: "WorldError",
        message:
          'Cannot read topic "visits": the record batch at offset 42 of ' +
          `partition 3 is corrupt, ${what}`,
      });
    }
  }
});
