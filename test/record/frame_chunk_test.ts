import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { placeOf } from "../../src/record/chunk.ts";
import type { Compression } from "../../src/record/compression.ts";
import { chunkOf, walkChunk } from "../support/built_chunk.ts";
import type { BuiltBatch } from "../support/record_batch_builder.ts";

const A = { key: "a", value: "first" };
const B = { key: "b", value: "second" };

const batchArbitrary = fc.record({
  // How far each record is from the one before: 1 without a gap.
  steps: fc.array(fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 9 })), {
    maxLength: 8,
  }),
  /** Offsets that compaction took from the end. */
  tail: fc.integer({ min: 0, max: 3 }),
  compression: fc.constantFrom<Compression>(
    ...(["none", "none", "gzip", "snappy", "lz4", "zstd"] as const),
  ),
  appendTime: fc.option(fc.integer({ min: 0, max: 2 ** 41 }), {
    nil: undefined,
  }),
});
type Shape = typeof batchArbitrary extends fc.Arbitrary<infer T> ? T : never;

function buildAll(shapes: readonly Shape[]): {
  batches: BuiltBatch[];
  offsets: number[];
} {
  const offsets: number[] = [];
  let next = 100;
  const batches = shapes.map(({ steps, tail, compression, appendTime }) => {
    const baseOffset = next;
    const records = steps.map((step) => {
      next += step;
      offsets.push(next - 1);
      return { ...A, offsetDelta: next - 1 - baseOffset };
    });
    next += tail;
    // Kafka writes those that compaction has emptied unpacked.
    const packed = steps.length === 0 ? {} : { compression };
    const batch = { baseOffset, records, ...packed };
    const lastOffsetDelta = Math.max(0, next - 1 - baseOffset);
    next = Math.max(next, baseOffset + 1);
    const time = appendTime === undefined ? {} : { appendTime };
    return { ...batch, lastOffsetDelta, ...time };
  });
  return { batches, offsets };
}

test("fetchedChunk() counts the records that are wanted, and no others come", () => {
  const bound = fc.integer({ min: 90, max: 260 });
  const shapes = fc.array(batchArbitrary, { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(shapes, bound, bound, (list, firstOffset, endOffset) => {
      const { batches, offsets } = buildAll(list);
      const chunk = chunkOf(batches, { firstOffset, endOffset });
      const wanted = offsets.filter(
        (each) => each >= firstOffset && each < endOffset,
      );
      assert.deepEqual(
        walkChunk(chunk).map(({ offset }) => offset),
        wanted,
      );
      assert.equal(chunk.count, wanted.length);
    }),
    { numRuns: 300 },
  );
});

test("fetchedChunk() leaves out records before the asked and from the end offset on", () => {
  const batches = [
    { baseOffset: 10, records: [A, B, A] },
    { baseOffset: 13, records: [A, B, A] },
  ];
  const chunk = chunkOf(batches, { firstOffset: 11, endOffset: 14 });
  const offsets = () => walkChunk(chunk).map(({ offset }) => offset);
  assert.deepEqual(offsets(), [11, 12, 13]);
  assert.equal(chunk.count, 3);
  // A chunk can be read as often as one likes, until it is released.
  assert.deepEqual(offsets(), [11, 12, 13]);
});

test("fetchedChunk() says how many bytes the batches have, and their newest time", () => {
  const chunk = chunkOf([
    { baseOffset: 0, appendTime: 7, records: [A] },
    { baseOffset: 1, appendTime: 5, records: [B] },
  ]);
  assert.equal(chunk.newestMs, 7);
  assert.equal(chunk.isOwn, false);
  assert.equal(chunk.byteLength, chunk.bytes.length - 7 - 7 - 5);
});

test("Chunk.release() gives the frame back once", () => {
  let released = 0;
  const onFree = () => released++;
  const chunk = chunkOf([{ baseOffset: 0, records: [A, B] }], { onFree });
  assert.equal(released, 0);
  chunk.release();
  assert.equal(released, 1);
  assert.throws(() => chunk.release(), {
    message: "Cannot release chunk: it was released before",
  });
});

test("placeOf() refuses bytes that other threads cannot see", () => {
  const chunk = chunkOf([{ baseOffset: 0, records: [A] }]);
  const place = placeOf(chunk, "visits");
  assert.equal(place.memory, chunk.bytes.buffer);
  assert.deepEqual([...place.starts], [7]);
  for (const bytes of [Buffer.alloc(9), chunk.bytes.subarray(1)]) {
    assert.throws(() => placeOf({ ...chunk, bytes }, "visits"), {
      message: "Cannot hand on chunk: its frame is not shared memory",
    });
  }
});
