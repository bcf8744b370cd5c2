import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BatchMerger } from "../../src/record/batch_merger.ts";
import { RecordBatchWriter } from "../../src/record/record_batch_writer.ts";
import { decodeBatch } from "../support/decode_batches.ts";

const MIB = 1 << 20;
const NO_BYTES = Buffer.alloc(0);

/** A batch of records without keys, of these values. */
function batchOf(values: readonly string[]): Buffer {
  const writer = new RecordBatchWriter(4 * MIB);
  for (const text of values) {
    const value = Buffer.from(text);
    writer.add({
      ...{ key: NO_BYTES, keyStart: 0, keyLength: -1 },
      ...{ value, valueStart: 0, valueLength: value.length },
      ...{ headers: Buffer.of(0), headersLength: 1 },
    });
  }
  return Buffer.from(writer.take()[0]!.bytes);
}

async function valuesOf(batch: Buffer): Promise<string[]> {
  const { records } = await decodeBatch(batch);
  records.forEach(({ offset }, i) => {
    assert.equal(Number(offset), i);
  });
  return records.map(({ value }) => String(value));
}

test("BatchMerger makes one batch of several, with all records in order", async () => {
  const merger = new BatchMerger(MIB);
  const values = fc.array(fc.string({ maxLength: 90 }), {
    minLength: 1,
    // More than 64, and more than 8,192 in all: offset deltas of 1 to 3 bytes.
    maxLength: 4_000,
  });
  const batches = fc.array(values, { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(batches, async (all) => {
      const merged = merger.merge(all.map(batchOf));
      assert.deepEqual(await valuesOf(merged), all.flat());
    }),
    { numRuns: 30 },
  );
});

test("BatchMerger puts a little behind a large batch, and no more", () => {
  const merger = new BatchMerger(MIB);
  const large = batchOf(["x".repeat(600_000)]);
  const mark = batchOf(["m".repeat(200)]);
  assert.equal(merger.mergeableCount([large, mark]), 2);
  assert.equal(
    merger.mergeableCount([large, batchOf(["y".repeat(20_000)])]),
    1,
  );
  assert.equal(merger.mergeableCount([mark, large]), 1);
});

test("BatchMerger keeps to the topic's limit", () => {
  const large = batchOf(["x".repeat(600_000)]);
  const mark = batchOf(["m".repeat(200)]);
  const merger = new BatchMerger(large.length + 100);
  assert.equal(merger.mergeableCount([large, mark]), 1);
  assert.equal(merger.mergeableCount([large]), 1);
});
