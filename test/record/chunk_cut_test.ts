import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Chunk } from "../../src/record/chunk.ts";
import { cutChunk, firstOffsetOf } from "../../src/record/chunk_cut.ts";
import { type ChunkRange, chunkOf, walkChunk } from "../support/built_chunk.ts";

/** Batches of so many records each, with every third offset missing. */
function batchesOf(counts: readonly number[]) {
  let baseOffset = 0;
  return counts.map((count) => {
    const records = Array.from({ length: count }, (_, at) => ({
      key: null,
      value: `${baseOffset + at}`,
      offsetDelta: at + Math.floor(at / 2),
    }));
    const last = records.at(-1)?.offsetDelta ?? 0;
    const batch = { baseOffset, records, lastOffsetDelta: last };
    baseOffset += last + 1;
    return batch;
  });
}

function offsetsOf(chunk: Chunk): number[] {
  return walkChunk(chunk).map(({ offset }) => offset);
}

/** All parts, each cut off the rest of the last one. */
function partsOf(chunk: Chunk, records: number): Chunk[] {
  const parts: Chunk[] = [];
  for (let rest: Chunk | null = chunk; rest !== null; ) {
    const [head, next]: [Chunk, Chunk | null] = cutChunk(rest, records);
    parts.push(head);
    rest = next;
  }
  return parts;
}

test("cutChunk() cuts behind the batch that is enough, property", () => {
  const counts = fc.array(fc.nat(9), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(
      counts,
      fc.integer({ min: 1, max: 30 }),
      fc.nat(20),
      fc.nat(20),
      (each, records, first, less) => {
        const batches = batchesOf(each);
        const { baseOffset, lastOffsetDelta } = batches.at(-1)!;
        const endOffset = Math.max(1, baseOffset + lastOffsetDelta + 1 - less);
        let freed = 0;
        const range: ChunkRange = {
          firstOffset: first,
          endOffset,
          onFree: () => freed++,
        };
        const whole = chunkOf(batches, range);
        const expected = offsetsOf(whole);
        const { count, byteLength } = whole;
        const parts = partsOf(whole, records);
        assert.deepEqual(parts.flatMap(offsetsOf), expected);
        for (const part of parts) {
          assert.equal(part.count, offsetsOf(part).length);
          assert.ok(firstOffsetOf(part) <= (offsetsOf(part)[0] ?? Infinity));
        }
        for (const part of parts.slice(0, -1)) assert.ok(part.count >= records);
        const sum = (of: (part: Chunk) => number) =>
          parts.reduce((total, part) => total + of(part), 0);
        assert.equal(
          sum((part) => part.count),
          count,
        );
        assert.equal(
          sum((part) => part.byteLength),
          byteLength,
        );
        for (const part of parts) {
          assert.equal(freed, 0);
          part.release();
        }
        assert.equal(freed, 1);
      },
    ),
  );
});

test("cutChunk() leaves a chunk whole that is not more than is asked for", () => {
  const chunk = chunkOf(batchesOf([4, 4]));
  assert.deepEqual(cutChunk(chunk, 5), [chunk, null]);
  const [head, rest] = cutChunk(chunk, 4);
  assert.deepEqual([head.count, rest?.count], [4, 4]);
  head.release();
  rest?.release();
});
