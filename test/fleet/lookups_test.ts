import assert from "node:assert/strict";
import { test } from "node:test";
import type { Dispatcher } from "../../src/fleet/dispatcher.ts";
import { dispatch } from "../support/asked_fleet.ts";
import { chunkOf } from "../support/built_chunk.ts";
import { createdPool } from "../support/created_pool.ts";
import { listChunk } from "../support/list_chunk.ts";
import { ScrambledShards } from "../support/scrambled_shards.ts";
import { MINUTE_MS, START_MS, visit } from "../support/shard_hand.ts";
import { shardOptions } from "../support/shard_options.ts";

function fleetOptions(
  shardCount: number,
  routeBy: "visit_id" | "key" = "visit_id",
) {
  return Array.from({ length: shardCount }, (_, shard) =>
    shardOptions({ shard, shardCount, routeBy }),
  );
}

async function deal(dispatcher: Dispatcher, values: readonly string[]) {
  dispatcher.dealer.deal(listChunk(values, { partition: 0, baseOffset: 0 }));
  await dispatcher.dealer.handedOn();
  dispatcher.pump();
  await dispatcher.quiet();
}

/** Visits of so many ids, each a second behind the one before. */
function visitsOf(count: number): string[] {
  return Array.from({ length: count }, (_, i) =>
    visit(`v${i}`, START_MS + i * 1000),
  );
}

for (const shardCount of [1, 2]) {
  test(`sessions are found and listed in ${shardCount} real threads`, async () => {
    const pool = await createdPool(fleetOptions(shardCount));
    try {
      const { dispatcher, lookups, failures } = dispatch(pool);
      await deal(dispatcher, [...visitsOf(50), visit("v7", START_MS + 9000)]);
      const found = await Promise.all(
        ["v7", "v8", "no"].map((id) => lookups.find(id)),
      );
      assert.deepEqual(
        found.map((forms) =>
          forms.map(({ visitId, visits }) => [visitId, visits]),
        ),
        [[["v7", 2]], [["v8", 1]], []],
      );
      const { shard, json, ...session } = found[0]![0]!;
      assert.ok(shard < shardCount);
      assert.equal(JSON.parse(json!).visit_id, "v7");
      const listed = await lookups.list({ order: "largest", limit: 3 });
      assert.equal(listed.length, 3);
      assert.deepEqual(listed[0], { ...session, shard });
      const oldest = await lookups.list({ order: "oldest", limit: 50 });
      assert.deepEqual(
        oldest.map(({ startMs }) => (startMs - START_MS) / 1000),
        Array.from({ length: 50 }, (_, i) => i),
      );
      assert.deepEqual(
        new Set(oldest.map((each) => each.shard)).size,
        shardCount,
      );
      assert.deepEqual(failures, []);
    } finally {
      await pool.destroy();
    }
  });
}

test("where records go by their keys, all shards are asked", async () => {
  const shards = new ScrambledShards(fleetOptions(3, "key"), 5);
  const { dispatcher, lookups } = dispatch(shards, "key");
  const records = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => ({
    key: `key ${i}`,
    value: visit("same", START_MS + (7 - i) * 60 * MINUTE_MS),
  }));
  dispatcher.dealer.deal(chunkOf([{ baseOffset: 0, records }]));
  await dispatcher.dealer.handedOn();
  dispatcher.pump();
  await dispatcher.quiet();
  const forms = await lookups.find("same");
  assert.ok(new Set(forms.map(({ shard }) => shard)).size > 1);
  assert.deepEqual(
    forms.map(({ startMs }) => (startMs - START_MS) / MINUTE_MS),
    [0, 60, 120, 180, 240, 300, 360, 420],
  );
});
