import assert from "node:assert/strict";
import { test } from "node:test";
import { WALL_CLOCK } from "../../src/clock.ts";
import { BATCH_BYTES } from "../../src/fleet/buffer_sizes.ts";
import { Dispatcher, type ShardRunner } from "../../src/fleet/dispatcher.ts";
import { hashKey, shardOf } from "../../src/kernel/host/key_hash.ts";
import type { RecordBatch } from "../../src/record/record_batch.ts";
import { Router } from "../../src/route/router.ts";
import { createShard } from "../../src/shard/create_shard.ts";
import { rawRecords } from "../../src/shard/raw_records.ts";
import { VisitScanner } from "../../src/window/visit_scanner.ts";
import { decodeTask } from "../../src/wire/task_codec.ts";
import { readerOf } from "../support/batch_reader.ts";
import type { BuiltBatch } from "../support/record_batch_builder.ts";
import { type ScannedRow, scanAll } from "../support/scanned_rows.ts";
import { shardOptions } from "../support/shard_options.ts";

/** What each shard is sent of some batches, row by row. */
async function routeAll(
  batches: readonly RecordBatch[],
  shardCount: number,
): Promise<{ rows: ScannedRow[][]; tasks: number }> {
  const rows: ScannedRow[][] = Array.from({ length: shardCount }, () => []);
  let tasks = 0;
  const shards = rows.map((_, shard) =>
    createShard(shardOptions({ shard, shardCount })),
  );
  const runner: ShardRunner = {
    size: shardCount,
    async run(shard, message) {
      const task = decodeTask(message.envelope);
      if (message.payload !== null) {
        const raw = rawRecords(task, message.payload);
        rows[shard]!.push(...scanAll(newScanner(), raw));
        tasks++;
      }
      return { ...shards[shard]!.handle(message), threadCpuMs: 0 };
    },
  };
  const limits = { inFlightLimitBytes: 64 << 20, outputLimitBytes: 64 << 20 };
  const dispatcher = new Dispatcher(
    runner,
    { ...limits, watermarks: "merged", clock: WALL_CLOCK },
    { onReport: async () => {}, onFailure: assert.fail },
  );
  const router = new Router(dispatcher, { routeBy: "visit_id" });
  let routed = 0;
  for (const batch of batches) routed += router.route(batch);
  dispatcher.pump();
  await dispatcher.quiet();
  assert.equal(routed, rows.flat().length);
  return { rows, tasks };
}

function newScanner(): VisitScanner {
  const maxRecordBytes = 8 << 20;
  return new VisitScanner({
    timePrecision: "s",
    maxRecordBytes,
    maxSkewMs: null,
  });
}

function visit(id: string, size = 0): string {
  const event_time = "2024-06-01T00:00:00Z";
  return JSON.stringify({ visit_id: id, event_time, x: "x".repeat(size) });
}

/** A Kafka batch of visits, of which the last may be a large one. */
function batch(baseOffset: number, size = 0): BuiltBatch {
  const values = ["ann", "bob", "dan", "hal", "ida"].map((id) => visit(id));
  const records = [...values, "broken", visit("fay", size)].map((value) => ({
    key: "key",
    value,
  }));
  return { baseOffset, records };
}

/** Readers as a fetch makes them, some of their batches wanted only in part. */
function readers(): RecordBatch[] {
  return [
    readerOf([batch(0), batch(7)], { firstOffset: 3, partition: 0 }),
    readerOf([batch(0), { ...batch(7), compression: "gzip" }], {
      partition: 1,
    }),
    // More than a task holds, in one batch and in one record.
    readerOf([batch(14), batch(21, BATCH_BYTES), batch(28)], { partition: 0 }),
    readerOf([batch(14), batch(21)], { partition: 1, endOffset: 23 }),
  ];
}

function placesOf(rows: readonly ScannedRow[]): string[] {
  return rows.map(
    ({ partition, offset, value }) =>
      `${partition}-${offset} ${value?.length} ${value?.slice(0, 40)}`,
  );
}

test("Router.route() gives the only shard all records, in their order", async () => {
  const { rows, tasks } = await routeAll(readers(), 1);
  const offsets = (partition: number) =>
    rows[0]!
      .filter((row) => row.partition === partition)
      .map(({ offset }) => offset);
  assert.deepEqual(
    offsets(0),
    Array.from({ length: 32 }, (_, i) => 3 + i),
  );
  assert.deepEqual(
    offsets(1),
    Array.from({ length: 23 }, (_, i) => i),
  );
  assert.ok(rows[0]!.every(({ recordKey }) => recordKey === "key"));
  assert.ok(tasks >= 3, `${tasks} tasks`);
});

test("Router.route() gives each of many shards its own of them", async () => {
  const one = await routeAll(readers(), 1);
  const many = await routeAll(readers(), 3);
  const places = placesOf(many.rows.flat()).sort();
  assert.deepEqual(places, placesOf(one.rows[0]!).sort());
  for (const [shard, rows] of many.rows.entries()) {
    assert.ok(rows.length > 0);
    for (const { visitId, value } of rows) {
      if (value === "broken") assert.equal(shard, 0);
      else {
        const key = Buffer.from(visitId!);
        assert.equal(shardOf(hashKey(key, 0, key.length), 3), shard);
      }
    }
  }
});
