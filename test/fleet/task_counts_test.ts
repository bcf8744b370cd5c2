import assert from "node:assert/strict";
import { test } from "node:test";
import { WALL_CLOCK } from "../../src/clock.ts";
import { Dispatcher } from "../../src/fleet/dispatcher.ts";
import type { ShardRunner } from "../../src/fleet/dispatcher_parts.ts";
import { ACTIVE } from "../../src/watermark/partition_state.ts";
import { rowPartsOf } from "../support/dealt_rows.ts";
import { listChunk } from "../support/list_chunk.ts";
import {
  NumberedFleet,
  numberedChunks,
  toldDispatcher,
} from "../support/numbered_fleet.ts";
import { ScrambledShards } from "../support/scrambled_shards.ts";
import { shardOptions } from "../support/shard_options.ts";

const CHUNKS = 200;
const SHARDS = 8;
/** Threads that do anything at once, and in full. */
const AT_ONCE = { below: (limit: number) => (limit === 3 ? 1 : 0) };

/** The fleet, and the number of rows in each task that it was sent. */
function counted(fleet: ShardRunner) {
  const counts: number[] = [];
  const runner: ShardRunner = {
    size: fleet.size,
    run(shard, message) {
      counts.push(
        rowPartsOf(message.rows).reduce((sum, { count }) => sum + count, 0),
      );
      return fleet.run(shard, message);
    },
    scan: (thread, message) => fleet.scan(thread, message),
    look: (shard, message) => fleet.look(shard, message),
  };
  return { runner, counts };
}

test("a chunk makes one task, not one for each shard, while more are dealt", async () => {
  const fleet = new NumberedFleet(SHARDS, AT_ONCE);
  const { runner, counts } = counted(fleet);
  const { dispatcher } = toldDispatcher(runner, 20 * 320);
  for (const chunk of numberedChunks(new Array(CHUNKS).fill(80))) {
    await dispatcher.capacity();
    dispatcher.dealer.deal(chunk);
    dispatcher.pump();
  }
  await dispatcher.quiet();
  const tasks = counts.filter((count) => count > 0);
  assert.equal(
    tasks.reduce((sum, count) => sum + count, 0),
    CHUNKS * 80,
  );
  assert.ok(tasks.length <= CHUNKS + 2 * SHARDS, `${tasks.length} tasks`);
  assert.ok(tasks.length >= CHUNKS / 4, `only ${tasks.length} tasks`);
});

test("each chunk is sent at once when no other is dealt", async () => {
  const fleet = new NumberedFleet(SHARDS, AT_ONCE);
  const { runner, counts } = counted(fleet);
  const { dispatcher } = toldDispatcher(runner, 1 << 20);
  for (const chunk of numberedChunks([256, 256, 256])) {
    counts.length = 0;
    dispatcher.dealer.deal(chunk);
    await dispatcher.dealer.handedOn();
    assert.deepEqual(counts, new Array(SHARDS).fill(32));
    await dispatcher.quiet();
  }
});

test("a few rows wait until their shard is done with what it has", async () => {
  const fleet = new NumberedFleet(2, AT_ONCE);
  const { promise: told, resolve: tell } = Promise.withResolvers<void>();
  const { runner, counts } = counted({
    size: fleet.size,
    run: (shard, message) => told.then(() => fleet.run(shard, message)),
    scan: (thread, message) => fleet.scan(thread, message),
    look: (shard, message) => fleet.look(shard, message),
  });
  const { dispatcher } = toldDispatcher(runner, 1 << 20);
  for (const chunk of numberedChunks(new Array(4).fill(64))) {
    dispatcher.dealer.deal(chunk);
    await dispatcher.dealer.handedOn();
  }
  // While the first ones are applied, the others come together.
  assert.deepEqual(counts, [32, 32]);
  tell();
  await dispatcher.quiet();
  assert.deepEqual(counts, [32, 32, 96, 96]);
});

test("what shards tell goes to all others together, not one by one", async () => {
  const options = Array.from({ length: SHARDS }, (_, shard) =>
    shardOptions({ shard, shardCount: SHARDS }),
  );
  const { runner, counts } = counted(new ScrambledShards(options, 17));
  const dispatcher = new Dispatcher(
    runner,
    {
      ...{ inFlightLimitBytes: 1 << 20, outputLimitBytes: 1 << 20 },
      ...{ watermarks: "merged", topic: "visits", keepsRecords: false },
      // No time passes: nothing is sent because it has waited for long.
      clock: { ...WALL_CLOCK, nowMs: () => 0 },
    },
    { onReport: async () => {}, onFailure: assert.fail },
  );
  dispatcher.setState(0, ACTIVE);
  dispatcher.pump();
  await dispatcher.quiet();
  for (let minute = 0; minute < 10; minute++) {
    counts.length = 0;
    const values = Array.from({ length: 100 }, (_, i) =>
      JSON.stringify({
        visit_id: `visitor ${i}`,
        event_time: new Date(minute * 60_000 + i).toISOString(),
      }),
    );
    const place = { partition: 0, baseOffset: minute * 100 };
    dispatcher.dealer.deal(listChunk(values, place));
    await dispatcher.quiet();
    // Rows, then what has come of them.
    assert.ok(counts.length <= 2 * SHARDS, `${counts.length} tasks`);
  }
  assert.ok(dispatcher.watermarkMs > -Infinity);
});
