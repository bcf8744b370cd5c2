import assert from "node:assert/strict";
import { test } from "node:test";
import { DealtChunk } from "../../src/fleet/dealt_chunk.ts";
import { InFlight } from "../../src/fleet/in_flight.ts";
import {
  TaskBatch,
  type TaskPart,
  taskBytes,
} from "../../src/fleet/task_batch.ts";
import { ROUND_RECORDS } from "../../src/pipeline/rounds.ts";
import { placeOf } from "../../src/record/chunk.ts";
import { rowPartsOf } from "../support/dealt_rows.ts";
import { numberedChunk } from "../support/numbered_fleet.ts";

const BYTES_MAX = 100_000;

function dealtAt(fetchedAtMs: number): DealtChunk {
  const chunk = { ...numberedChunk([1]), fetchedAtMs };
  return new DealtChunk(chunk, new InFlight(BYTES_MAX));
}

/** Rows of a chunk; where they are does not matter. */
function rowsOf(
  dealt: DealtChunk,
  { byteLength = 10, count = 1, at = 0 } = {},
): TaskPart {
  const memory = new SharedArrayBuffer(0);
  const place = { partition: 0, at, memory, byteLength, count, records: null };
  return { dealt, count, byteLength, place };
}

test("TaskBatch gives its parts in order, and when their records were fetched", () => {
  const batch = new TaskBatch(BYTES_MAX);
  assert.equal(batch.isEmpty, true);
  const [early, late] = [dealtAt(1), dealtAt(2)];
  const parts = [
    rowsOf(early, { at: 0, count: 2 }),
    rowsOf(early, { at: 10, count: 3 }),
    rowsOf(late, { at: 20, count: 4 }),
    rowsOf(early, { at: 30, count: 5 }),
  ];
  for (const part of parts) batch.add(part);
  assert.equal(batch.count, 14);
  const { rows, chunks, held, runs } = batch.take();
  assert.deepEqual(
    rowPartsOf(rows).map(({ at }) => at),
    [0, 10, 20, 30],
  );
  assert.deepEqual(chunks, []);
  assert.deepEqual(held, [early, early, late, early]);
  assert.deepEqual(runs, [
    { fetchedAtMs: 1, count: 5 },
    { fetchedAtMs: 2, count: 4 },
    { fetchedAtMs: 1, count: 5 },
  ]);
  assert.equal(batch.isEmpty, true);
  assert.equal(batch.count, 0);
});

test("TaskBatch takes half a round of usual visits, and a batch more, for the only shard", () => {
  const visitBytes = 473;
  const batchRecords = 2000;
  const chunkRecords = 1024;
  const batch = new TaskBatch(taskBytes(1));
  const dealt = dealtAt(1);
  const place = placeOf(dealt.chunk, "visits");
  const count = chunkRecords;
  const part = { dealt, count, byteLength: count * visitBytes, place };
  while (batch.count < ROUND_RECORDS / 2 + batchRecords) {
    assert.ok(batch.fits(part), `${batch.count} records`);
    batch.add(part);
  }
});

test("TaskBatch does not mix rows with chunks that all shards get", () => {
  const batch = new TaskBatch(BYTES_MAX);
  const dealt = dealtAt(1);
  const place = { chunk: placeOf(dealt.chunk, "visits"), nowMs: 0 };
  const shared = { dealt, count: 1, byteLength: 4, place };
  batch.add(shared);
  assert.equal(batch.isSmall, true);
  assert.equal(batch.fits(rowsOf(dealt)), false);
  assert.equal(batch.fits(shared), true);
  const { runs } = batch.take();
  assert.deepEqual(runs, []);
  batch.add(rowsOf(dealt));
  assert.equal(batch.fits(shared), false);
});

test("TaskBatch takes whole chunks", () => {
  const batch = new TaskBatch(BYTES_MAX);
  const dealt = dealtAt(1);
  const place = placeOf(dealt.chunk, "visits");
  batch.add({ dealt, count: 1, byteLength: 4, place });
  const { rows, chunks } = batch.take();
  assert.deepEqual(rowPartsOf(rows), []);
  assert.deepEqual(chunks, [place]);
});

test("TaskBatch is full at its bytes, records and parts, but takes anything first", () => {
  const dealt = dealtAt(1);
  const batch = new TaskBatch(BYTES_MAX);
  const huge = rowsOf(dealt, { byteLength: 2 * BYTES_MAX, count: 100_000 });
  assert.equal(batch.fits(huge), true);
  batch.add(rowsOf(dealt, { byteLength: BYTES_MAX - 10, count: 16_000 }));
  assert.equal(batch.fits(rowsOf(dealt, { byteLength: 10 })), true);
  assert.equal(batch.fits(rowsOf(dealt, { byteLength: 11 })), false);
  assert.equal(batch.fits(rowsOf(dealt, { count: 384 })), true);
  assert.equal(batch.fits(rowsOf(dealt, { count: 385 })), false);
  const many = new TaskBatch(BYTES_MAX);
  for (let i = 0; i < 256; i++) {
    assert.equal(many.fits(rowsOf(dealt)), true);
    many.add(rowsOf(dealt));
  }
  assert.equal(many.fits(rowsOf(dealt)), false);
});

test("TaskBatch is small with a few rows, and never with a whole chunk", () => {
  const dealt = dealtAt(1);
  const rows = new TaskBatch(BYTES_MAX);
  assert.equal(rows.isSmall, true);
  rows.add(rowsOf(dealt, { count: 1023 }));
  assert.equal(rows.isSmall, true);
  rows.add(rowsOf(dealt));
  assert.equal(rows.isSmall, false);
  const chunks = new TaskBatch(BYTES_MAX);
  const place = placeOf(dealt.chunk, "visits");
  chunks.add({ dealt, count: 1, byteLength: 4, place });
  assert.equal(chunks.isSmall, false);
});

test("TaskBatch holds the chunks of its parts until the task is applied", () => {
  const batch = new TaskBatch(BYTES_MAX);
  const chunk = numberedChunk([1]);
  const dealt = new DealtChunk(chunk, new InFlight(BYTES_MAX));
  batch.add(rowsOf(dealt));
  batch.add(rowsOf(dealt));
  dealt.release();
  const { held } = batch.take();
  held[0]!.release();
  assert.equal(chunk.releases, 0);
  held[1]!.release();
  assert.equal(chunk.releases, 1);
  assert.throws(() => dealt.release(), /they were given back before/);
});
