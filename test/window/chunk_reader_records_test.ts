import assert from "node:assert/strict";
import { test } from "node:test";
import { RECORDS_BYTES } from "../../src/kernel/codes.ts";
import { ChunkReader } from "../../src/window/chunk_reader.ts";
import { rejectionReason } from "../../src/window/rejection.ts";
import { placedChunk, placedValues } from "../support/built_chunk.ts";
import { packedBatch } from "../support/packed_batch.ts";
import { readAll } from "../support/read_rows.ts";
import { buildBatch, buildRecord } from "../support/record_batch_builder.ts";

test("next() reads records of any size, wherever the kernel's memory ends", () => {
  const room = RECORDS_BYTES;
  const nearRoom = [room - 536, 400, room, room + 1, 3 * room, 3, room - 6];
  const sizes = [10, ...nearRoom, 1 << 20];
  const values = [...sizes, ...sizes.toReversed()].map((size, row) => {
    const head = `{"visit_id":"v${row}","event_time":"2024-06-01T00:00Z","x":"`;
    return Buffer.from(`${head}${"x".repeat(size)}"}`);
  });
  const keys = values.map((_, row) =>
    row % 5 === 0 ? "k".repeat(99_000) : null,
  );
  const records = values.map((value, row) => ({ key: keys[row]!, value }));
  const raw = placedChunk([
    { baseOffset: 0, records: records.slice(0, 7) },
    { baseOffset: 7, records: records.slice(7) },
  ]);
  const rows = readAll(newScanner(), raw);
  assert.equal(rows.length, values.length);
  for (const [row, value] of values.entries()) {
    assert.equal(rows[row]!.offset, row);
    assert.equal(rows[row]!.recordKey, keys[row]);
    assert.equal(rows[row]!.value, value.toString());
    assert.equal(rows[row]!.visitId, `v${row}`);
  }
});

test("next() reads more records than the kernel has rows for", () => {
  const values = Array.from({ length: 5000 }, () => null);
  const rows = readAll(newScanner(), placedValues(values));
  assert.deepEqual(
    rows.map(({ offset }) => offset),
    [...values.keys()],
  );
  assert.ok(rows.every(({ outcome }) => rejectionReason(outcome) === "empty"));
});

test("next() refuses what Kafka would not write", () => {
  const value = "x".repeat(100);
  const sound = buildRecord({ key: "k", value }, 0);
  const read = (records: Buffer, count: number) => () => {
    const batch = { baseOffset: 70, compression: "none", count } as const;
    const next = { baseOffset: 80, records: [{ key: "k", value }] };
    const batches = [packedBatch(records, batch), buildBatch(next)];
    return readAll(newScanner(), placedChunk(batches, { partition: 3 }));
  };
  assert.equal(read(sound, 1)().length, 2);
  const refuses = (records: Buffer, count: number, what: string) =>
    assert.throws(read(records, count), {
      name: "WorldError",
      message: `Cannot read topic "visits": the record batch at offset 70 of partition 3 is corrupt, ${what}`,
    });
  const past = "a record reaches past its end";
  // The record is there, but is said to be longer, or shorter, than it is.
  for (const [at, byte] of [
    [0, 0xfe],
    [0, 0x00],
    [0, 0x0a],
    [5, 0xfe],
    [7, 0xfe],
  ] as const) {
    const changed = Buffer.from(sound);
    changed[at] = byte;
    refuses(changed, 1, past);
  }
  refuses(sound, 2, past);
  refuses(sound.subarray(0, sound.length - 1), 1, past);
  const longer = Buffer.concat([sound, Buffer.of(0)]);
  refuses(longer, 1, "1 bytes are behind its last record");
});

test("next() gives the wanted records of a chunk alone, of any size", () => {
  const sizes = [1, 70_000, 1, 1, 70_000, 1];
  const records = sizes.map((size) => ({ key: null, value: "x".repeat(size) }));
  const batches = [10, 20, 30].map((baseOffset) => ({ baseOffset, records }));
  const all = [10, 11, 12, 13, 14, 15, 20, 21, 22, 23, 24, 25].concat([
    30, 31, 32, 33, 34, 35,
  ]);
  for (const compression of ["none", "gzip"] as const) {
    const packed = batches.map((batch) => ({ ...batch, compression }));
    for (let firstOffset = 9; firstOffset <= 37; firstOffset++) {
      for (const endOffset of [11, 12, 24, 35, 36, Infinity]) {
        const chunk = placedChunk(packed, { firstOffset, endOffset });
        const rows = readAll(newScanner(), chunk);
        assert.deepEqual(
          rows.map(({ offset }) => offset),
          all.filter((at) => at >= firstOffset && at < endOffset),
        );
      }
    }
  }
});

test("next() reads batches that lie in one piece of memory at once", () => {
  const records = [{ key: null, value: "x" }];
  const batches = Array.from({ length: 50 }, (_, baseOffset) => ({
    ...{ baseOffset, records },
  }));
  const scanner = newScanner();
  scanner.open(placedChunk(batches), 0);
  assert.equal(scanner.next(), true);
  assert.equal(scanner.visits.count, 50);
  assert.equal(scanner.next(), false);
});

function newScanner(): ChunkReader {
  const maxRecordBytes = 2 << 20;
  return new ChunkReader({
    timePrecision: "s",
    maxRecordBytes,
    maxSkewMs: null,
  });
}
