import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { ShardPool } from "../../src/fleet/shard_pool.ts";
import { ShardReport } from "../../src/fleet/shard_report.ts";
import { startEarlyThread } from "../../src/fleet/shard_thread.ts";
import { placedValues } from "../support/built_chunk.ts";
import { createdPool } from "../support/created_pool.ts";
import { plainTask } from "../support/plain_task.ts";
import { START_MS, visit } from "../support/shard_hand.ts";
import { shardOptions } from "../support/shard_options.ts";

const TASKS = 2_000;

const pool = await createdPool(
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

test("ShardPool scans a chunk in any thread, and says when it is corrupt", async () => {
  const value = Buffer.from(visit("a", START_MS));
  const chunk = placedValues([value, value, "no visit"]);
  const out = new SharedArrayBuffer(1000);
  const message = { chunk, nowMs: 0, out, records: null };
  for (const thread of [0, 1]) {
    const { groups, out: grown } = await pool.scan(thread, message);
    const counts = groups.filter((_, at) => at % 4 === 3);
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      3,
    );
    assert.equal(grown, null);
  }
  Buffer.from(chunk.memory)[chunk.starts[0]! + 17]! ^= 1;
  await assert.rejects(pool.scan(1, message), {
    name: "WorldError",
    message: /^Cannot read topic "visits": the record batch at offset 0 of/,
  });
});

test("ShardPool says when a chunk of the only shard is corrupt", async () => {
  const only = await createdPool([shardOptions()]);
  try {
    const value = Buffer.from(visit("a", START_MS));
    const task = plainTask({ sequence: 1 }, [value]);
    const [chunk] = task.chunks;
    Buffer.from(chunk!.memory)[chunk!.starts[0]! + 17]! ^= 1;
    await assert.rejects(only.run(0, task), { name: "WorldError" });
  } finally {
    await only.destroy();
  }
});

test("ShardPool ends its threads while their answers are on their way", async () => {
  const ended = new ShardPool(1);
  await ended.ready([shardOptions()]);
  const message = { kind: "find", keys: ["nobody"] } as const;
  const under = [
    ended.look(0, message),
    ended.run(0, plainTask({ sequence: 1 })),
  ];
  const lost = under.map((each) => assert.rejects(each, /[Tt]erminat/));
  // They are answered in this time, and main is too busy to hear of it.
  const endMs = performance.now() + 300;
  while (performance.now() < endMs);
  await ended.destroy();
  await Promise.all(lost);
  await new Promise((resolve) => setTimeout(resolve, 50));
});

test("ShardPool has the thread that was started early, once", async () => {
  let started = 0;
  const count = () => started++;
  process.on("worker", count);
  const startedBy = async <T>(act: () => T) => {
    started = 0;
    const made = act();
    await turn();
    return { made, started };
  };
  startEarlyThread();
  const again = await startedBy(startEarlyThread);
  assert.equal(again.started, 1);
  const first = await startedBy(() => new ShardPool(2));
  const second = await startedBy(() => new ShardPool(2));
  process.off("worker", count);
  await Promise.all([first.made.destroy(), second.made.destroy()]);
  assert.deepEqual([first.started, second.started], [1, 2]);
});
