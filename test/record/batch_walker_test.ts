import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../../src/generate/random.ts";
import { BatchWalker } from "../../src/record/batch_walker.ts";
import { type Chunk, placeOf } from "../../src/record/chunk.ts";
import { RecordWalker } from "../../src/record/record_walker.ts";
import { chunkOf, chunkOfBytes } from "../support/built_chunk.ts";
import {
  type BuiltBatch,
  buildBatch,
} from "../support/record_batch_builder.ts";

/** What is known of the wanted records of one batch. */
interface Walked {
  records: number;
  byteLength: number;
  /** Of the last one. */
  offset: number;
  value: string;
}

function batchesOf(chunk: Chunk): Walked[] {
  const walker = new BatchWalker();
  const walked: Walked[] = [];
  walker.open(placeOf(chunk, "w"));
  while (walker.next()) {
    const { records, byteLength, offset, bytes, last } = walker;
    const { valueStart, valueLength } = last;
    const value = bytes.toString("utf8", valueStart, valueStart + valueLength);
    walked.push({ records, byteLength, offset, value });
  }
  return walked;
}

/** The same by every record; batches are told apart by these first offsets. */
function expectedOf(chunk: Chunk, firsts: readonly number[]): Walked[] {
  const walker = new RecordWalker();
  const walked = new Map<number, Walked>();
  walker.open(placeOf(chunk, "w"));
  while (walker.next()) {
    const { offset, byteLength, bytes, record } = walker;
    const { valueStart, valueLength } = record;
    const value = bytes.toString("utf8", valueStart, valueStart + valueLength);
    const first = firsts.findLast((each) => each <= offset)!;
    const before = walked.get(first) ?? { records: 0, byteLength: 0 };
    walked.set(first, {
      records: before.records + 1,
      byteLength: before.byteLength + byteLength,
      ...{ offset, value },
    });
  }
  return [...walked.values()];
}

const CODECS = ["none", "lz4", "zstd"] as const;

test("BatchWalker finds the last wanted record of each batch, as a walk of all does", () => {
  const random = new Random(7);
  const below = (limit: number) => random.below(limit);
  for (let round = 0; round < 300; round++) {
    const batches: BuiltBatch[] = [];
    let offset = below(20);
    for (let left = 1 + below(4); left > 0; left--) {
      const count = 1 + below(5);
      batches.push({
        ...{ baseOffset: offset, baseTimestamp: 1e12 },
        compression: CODECS[below(CODECS.length)]!,
        records: Array.from({ length: count }, (_, at) => ({
          key: null,
          value: `${offset + at}${"x".repeat(below(3) === 0 ? below(20_000) : below(80))}`,
        })),
      });
      offset += count;
    }
    const firstOffset = below(offset);
    const endOffset = firstOffset + 1 + below(offset);
    const firsts = batches.map(({ baseOffset }) => baseOffset);
    const chunk = chunkOf(batches, { firstOffset, endOffset });
    assert.deepEqual(batchesOf(chunk), expectedOf(chunk, firsts));
    chunk.release();
  }
});

test("BatchWalker refuses lengths that lead nowhere", () => {
  const values = ["one", "two", "three"];
  const records = values.map((value) => ({ key: null, value }));
  const good = buildBatch({ baseOffset: 0, baseTimestamp: 0, records });
  const lengthAt = 61;
  // Nothing, less than nothing, one byte, too much, and more than there is.
  for (const length of [0, 1, 2, 60, 0x7e, 0xff]) {
    const forged = Buffer.from(good);
    forged[lengthAt] = length;
    const chunk = chunkOfBytes([forged]);
    const walker = new BatchWalker();
    assert.throws(() => {
      walker.open({ ...placeOf(chunk, "w"), isOwn: true });
      while (walker.next());
    }, /the record batch at offset 0 of partition 3 is corrupt/);
  }
});
