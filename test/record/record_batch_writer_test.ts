import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { HeaderSection } from "../../src/record/header_section.ts";
import { stampBatch } from "../../src/record/record_batch_header.ts";
import {
  RecordBatchWriter,
  type RecordParts,
} from "../../src/record/record_batch_writer.ts";
import { type DecodedRecord, decodeBatch } from "../support/decode_batches.ts";

interface PlainRecord {
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly (readonly [string, string])[];
}

const TEXT = fc.string({ maxLength: 90, unit: "binary-ascii" });
const NAME = fc.constantFrom("session-id", "revision", "final", "reason");
const HEADERS = fc.uniqueArray(fc.tuple(NAME, TEXT), {
  selector: ([name]) => name,
});
const RECORD: fc.Arbitrary<PlainRecord> = fc.record(
  {
    key: fc.option(fc.uint8Array({ maxLength: 80 })),
    value: fc.option(fc.uint8Array({ maxLength: 300 })),
    headers: HEADERS,
  },
  { noNullPrototype: true },
);

function partsOf({ key, value, headers }: PlainRecord): RecordParts {
  const section = new HeaderSection();
  section.clear();
  for (const [name, text] of headers) section.add(name, text);
  return {
    key: Buffer.from(key ?? []),
    keyStart: 0,
    keyLength: key?.length ?? -1,
    value: Buffer.from(value ?? []),
    valueStart: 0,
    valueLength: value?.length ?? -1,
    headers: section.bytes,
    headersLength: section.byteLength,
  };
}

function plain(record: DecodedRecord): PlainRecord {
  const headers = Object.entries(record.headers).map(
    ([name, value]) => [name, value.toString("latin1")] as const,
  );
  return {
    key: record.key && new Uint8Array(record.key),
    value: record.value && new Uint8Array(record.value),
    headers,
  };
}

test("RecordBatchWriter writes what kafkajs reads, below the limit", async () => {
  const records = fc.array(RECORD, { minLength: 1, maxLength: 300 });
  const limits = fc.integer({ min: 900, max: 20_000 });
  await fc.assert(
    fc.asyncProperty(records, limits, async (all, maxBatchBytes) => {
      const writer = new RecordBatchWriter(maxBatchBytes);
      for (const record of all) assert.ok(writer.add(partsOf(record)));
      const byteLength = writer.byteLength;
      const batches = writer.take();
      const read: PlainRecord[] = [];
      let written = 0;
      for (const { bytes, count } of batches) {
        assert.ok(bytes.length <= maxBatchBytes);
        written += bytes.length;
        const batch = await decodeBatch(bytes);
        assert.equal(batch.lastOffsetDelta, count - 1);
        batch.records.forEach(({ offset }, i) => {
          assert.equal(offset, String(i));
        });
        read.push(...batch.records.map(plain));
      }
      assert.equal(written, byteLength);
      assert.deepEqual(read, all);
    }),
    { numRuns: 60 },
  );
});

test("RecordBatchWriter refuses a record only when it exceeds the limit", () => {
  const value = Buffer.alloc(500, "x");
  const parts = partsOf({ key: null, value, headers: [] });
  const sizing = new RecordBatchWriter(1_000_000);
  sizing.add(parts);
  const exact = sizing.take()[0]!.bytes.length;
  assert.ok(new RecordBatchWriter(exact).add(parts));
  const smaller = new RecordBatchWriter(exact - 1);
  assert.equal(smaller.add(parts), false);
  assert.equal(smaller.byteLength, 0);
  assert.deepEqual(smaller.take(), []);
});

test("RecordBatchWriter takes a record larger than its preferred batch", async () => {
  const writer = new RecordBatchWriter(20_000_000);
  const small = partsOf({ key: null, value: Buffer.from("a"), headers: [] });
  const huge = Buffer.alloc(9_000_000, "h");
  writer.add(small);
  writer.add(partsOf({ key: null, value: huge, headers: [] }));
  writer.add(small);
  assert.deepEqual(
    writer.take().map(({ count }) => count),
    [1, 1, 1],
  );
  writer.add(small);
  const batches = writer.take();
  assert.equal((await decodeBatch(batches[0]!.bytes)).records.length, 1);
});

test("stampBatch() changes the header and keeps the CRC right", async () => {
  const writer = new RecordBatchWriter(1_000_000);
  const value = Buffer.alloc(700, "v");
  for (let i = 0; i < 100; i++) {
    writer.add(partsOf({ key: null, value, headers: [] }));
  }
  const { bytes } = writer.take()[0]!;
  // A batch that is sent again is stamped over its first stamp.
  for (const baseSequence of [0, 2_147_483_000]) {
    stampBatch(bytes, {
      producerId: 2n ** 40n + 3n,
      producerEpoch: 7,
      baseSequence,
      transactional: baseSequence > 0,
      timestampMs: 1_717_200_000_123,
    });
    const batch = await decodeBatch(bytes);
    assert.equal(batch.producerId, String(2n ** 40n + 3n));
    assert.equal(batch.producerEpoch, 7);
    assert.equal(batch.firstSequence, baseSequence);
    assert.equal(batch.inTransaction, baseSequence > 0);
    assert.equal(batch.maxTimestamp, "1717200000123");
    assert.equal(batch.records[99]!.timestamp, "1717200000123");
  }
});
