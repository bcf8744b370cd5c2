import assert from "node:assert/strict";
import { after, test } from "node:test";
import { ShardPool } from "../../src/fleet/shard_pool.ts";
import { ShardReport } from "../../src/fleet/shard_report.ts";
import { plainTask } from "../../src/wire/plain_task.ts";
import { shardOptions } from "../support/shard_options.ts";

const TASKS = 2_000;

const pool = new ShardPool(
  [0, 1].map((shard) => shardOptions({ shard, shardCount: 2 })),
);
after(() => pool.destroy());

test("ShardPool runs 2,000 waiting tasks of a shard strictly in order", async () => {
  const finished: number[] = [];
  const runs = Array.from({ length: TASKS }, async (_, i) => {
    const posted = await pool.run(0, plainTask({ sequence: i + 1 }));
    finished.push(new ShardReport(0, posted).sequence);
  });
  await Promise.all(runs);
  const expected = Array.from({ length: TASKS }, (_, i) => i + 1);
  assert.deepEqual(finished, expected);
});

test("ShardPool rejects a task that is out of order, with the reason", async () => {
  await pool.run(1, plainTask({ sequence: 1 }));
  await assert.rejects(pool.run(1, plainTask({ sequence: 3 })), {
    message: "Cannot apply task to shard 1: its sequence is 3, expected 2",
  });
});
