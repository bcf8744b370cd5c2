import assert from "node:assert/strict";
import { test } from "node:test";
import { BatchCursor } from "../../src/record/batch_cursor.ts";
import { type Chunk, placeOf } from "../../src/record/chunk.ts";
import { crc32c } from "../../src/record/crc32c.ts";
import { chunkOfBytes, walkChunk } from "../support/built_chunk.ts";
import { compress } from "../support/compress.ts";
import { packedBatch } from "../support/packed_batch.ts";
import { buildBatch, buildRecord } from "../support/record_batch_builder.ts";

const A = { key: "a", value: "first" };
const B = { key: "b", value: "second" };
const CODECS = ["none", "gzip", "snappy", "lz4", "zstd"] as const;

function offsetsOf(chunk: Chunk): number[] {
  return walkChunk(chunk).map(({ offset }) => offset);
}

test("BatchCursor refuses a batch with a wrong CRC, unless it is our own", () => {
  const bytes = buildBatch({ baseOffset: 42, records: [A] });
  bytes[bytes.length - 1]! ^= 1;
  const chunk = chunkOfBytes([bytes]);
  assert.throws(() => offsetsOf(chunk), {
    name: "WorldError",
    message:
      /^Cannot read topic "visits": the record batch at offset 42 of partition 3 is corrupt, CRC-32C is \d+, expected \d+$/,
  });
  const cursor = new BatchCursor();
  cursor.open({ ...placeOf(chunk, "visits"), isOwn: true });
  assert.equal(cursor.recordsLeft, 1);
});

test("BatchCursor refuses records that reach past their batch", () => {
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
    const chunk = chunkOfBytes([batch]);
    assert.throws(() => offsetsOf(chunk), /a record reaches past its end$/);
  }
});

test("BatchCursor refuses a batch with another number of records than it says", () => {
  const records = buildBatch({ baseOffset: 0, records: [A, B] }).subarray(61);
  const size = records.length;
  for (const compression of CODECS) {
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
      // From the middle on as well, so that it is not wanted whole.
      for (const firstOffset of [0, 43]) {
        const read = () => offsetsOf(chunkOfBytes([bytes], { firstOffset }));
        assert.throws(read, {
          name: "WorldError",
          message:
            'Cannot read topic "visits": the record batch at offset 42 of ' +
            `partition 3 is corrupt, ${what}`,
        });
      }
    }
  }
});
