import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Chunk } from "../../src/record/chunk.ts";
import { ChunkWriter } from "../../src/record/chunk_writer.ts";
import { FramePool } from "../../src/record/frame_pool.ts";
import { walkChunk } from "../support/built_chunk.ts";
import { decodeOwnBatch } from "../support/decode_batches.ts";

interface Given {
  readonly key: string | null;
  readonly value: string | null;
  readonly offset: number;
  readonly timestampMs: number;
}

interface Cuts {
  readonly chunkBytes: number;
  readonly recordsMax: number | null;
}

const LARGE: Cuts = { chunkBytes: 1 << 20, recordsMax: null };

/** Writes all records; a chunk is taken when it is full, and at the end. */
function write(records: readonly Given[], cuts = LARGE): Chunk[] {
  const writer = new ChunkWriter(new FramePool(), { partition: 2, ...cuts });
  const chunks: Chunk[] = [];
  writer.expect(cuts.chunkBytes);
  for (const { key, value, offset, timestampMs } of records) {
    const bytes = Buffer.from(`${key ?? ""}${value ?? ""}`);
    const keyLength = key === null ? -1 : Buffer.byteLength(key);
    const valueStart = Math.max(0, keyLength);
    const record = {
      ...{ bytes, keyStart: 0, keyLength, valueStart, offset, timestampMs },
      valueLength: value === null ? -1 : bytes.length - valueStart,
    };
    if (writer.add(record)) continue;
    chunks.push(writer.take(5)!);
    assert.equal(writer.add(record), true);
  }
  const last = writer.take(5);
  if (last !== null) chunks.push(last);
  assert.equal(writer.take(5), null);
  return chunks;
}

const textArbitrary = fc.option(fc.string({ maxLength: 80 }), { nil: null });
const recordsArbitrary = fc
  .array(
    fc.record({
      key: textArbitrary,
      value: textArbitrary,
      step: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 2 ** 33 })),
      timestampMs: fc.oneof(
        fc.constant(-1),
        fc.integer({ min: 0, max: 2 ** 47 }),
        fc.integer({ min: 1.7e12, max: 1.7e12 + 9e5 }),
      ),
    }),
    { maxLength: 60 },
  )
  .map((list) => {
    let offset = -1;
    return list.map(({ step, ...rest }) => {
      offset += step;
      return { ...rest, offset };
    });
  });

test("ChunkWriter writes records that are read as they were, however they are cut", () => {
  const cuts = fc.record({
    chunkBytes: fc.integer({ min: 1, max: 3000 }),
    recordsMax: fc.option(fc.integer({ min: 1, max: 9 }), { nil: null }),
  });
  fc.assert(
    fc.property(
      recordsArbitrary,
      cuts,
      (records, { chunkBytes, recordsMax }) => {
        const chunks = write(records, { chunkBytes, recordsMax });
        const given = records.map((each) => ({ partition: 2, ...each }));
        assert.deepEqual(chunks.flatMap(walkChunk), given);
        let before = 0;
        for (const { count, byteLength } of chunks) {
          assert.ok(byteLength <= chunkBytes || count === 1);
          if (recordsMax !== null) {
            const round = Math.floor(before / recordsMax);
            assert.equal(Math.floor((before + count - 1) / recordsMax), round);
          }
          before += count;
        }
        assert.equal(before, records.length);
      },
    ),
    { numRuns: 500 },
  );
});

test("ChunkWriter says of a chunk what is in it", () => {
  const value = "v";
  const records = [7, 9, 8].map((timestampMs, index) => ({
    ...{ key: null, value, timestampMs, offset: 40 + 3 * index },
  }));
  const [chunk, ...others] = write(records);
  assert.deepEqual(others, []);
  const { bytes, release: _, byteLength, ...fields } = chunk!;
  assert.deepEqual(
    { ...fields },
    {
      ...{ partition: 2, fetchedAtMs: 5, newestMs: 9, starts: [0], count: 3 },
      ...{ firstOffset: 40, endOffset: 47, isOwn: true },
    },
  );
  assert.equal(bytes.readInt32BE(8), byteLength - 12);
  assert.equal(bytes.readUInt32BE(17), 0, "no CRC");
});

test("ChunkWriter writes batches that kafkajs reads, but for their CRC", async () => {
  const records = [
    { key: "k", value: "one", offset: 2 ** 40, timestampMs: 1.7e12 },
    { key: null, value: null, offset: 2 ** 40 + 300, timestampMs: 5 },
  ];
  const [chunk] = write(records);
  const { bytes, byteLength } = chunk!;
  const batch = await decodeOwnBatch(bytes.subarray(0, byteLength));
  assert.equal(batch.lastOffsetDelta, 300);
  assert.equal(batch.maxTimestamp, String(1.7e12));
  assert.deepEqual(
    batch.records.map((each) => ({
      key: each.key?.toString() ?? null,
      value: each.value?.toString() ?? null,
      offset: Number(each.offset),
      timestampMs: Number(each.timestamp),
    })),
    records,
  );
});

test("ChunkWriter gives a larger record a chunk of its own", () => {
  const large = "x".repeat(700_000);
  const values = ["small", large, "small", "small"];
  const records = values.map((value, offset) => ({
    ...{ key: null, value, offset, timestampMs: -1 },
  }));
  const chunks = write(records, { chunkBytes: 10_000, recordsMax: null });
  assert.deepEqual(
    chunks.map(({ count }) => count),
    [1, 1, 2],
  );
  assert.deepEqual(
    chunks.flatMap(walkChunk).map(({ value }) => value),
    values,
  );
});

test("ChunkWriter takes no more memory than what is at hand needs", () => {
  const pool = new FramePool();
  const options = { partition: 0, chunkBytes: 1 << 20, recordsMax: null };
  const writer = new ChunkWriter(pool, options);
  const bytes = Buffer.from("a line");
  const record = {
    ...{ bytes, keyStart: 0, keyLength: -1, offset: 0, timestampMs: -1 },
    ...{ valueStart: 0, valueLength: bytes.length },
  };
  for (const [expected, size] of [
    [100, 16 << 10],
    [100_000, 100_000],
    [9 << 20, 1 << 20],
  ] as const) {
    writer.expect(expected);
    writer.add(record);
    const chunk = writer.take(0)!;
    assert.equal(chunk.bytes.length, size);
    chunk.release();
  }
});
