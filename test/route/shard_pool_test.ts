import assert from "node:assert/strict";
import { after, test } from "node:test";
import { ShardPool } from "../../src/route/shard_pool.ts";
import { ShardReport } from "../../src/route/shard_report.ts";
import type { ShardOptions } from "../../src/shard/shard_options.ts";
import type { TaskMessage } from "../../src/wire/messages.ts";
import { encodeTask } from "../../src/wire/task_codec.ts";

const TASKS = 2_000;

function shardOptions(shard: number): ShardOptions {
  return {
    shard,
    shardCount: 2,
    window: {
      gapMs: 600_000,
      outOfOrdernessMs: 1_200_000,
      allowedLatenessMs: 900_000,
      timePrecision: "s",
      maxSkewMs: null,
    },
    routeBy: "visit_id",
    maxRecordBytes: 1 << 20,
    encoder: { format: "lines", withMetadata: false, withOrder: false },
    carriesKeys: false,
    keepLate: false,
    keepRejected: false,
    generationTime: null,
  };
}

/** A task without visits: only its place in the order. */
function emptyTask(sequence: number): TaskMessage {
  const envelope = encodeTask(
    {
      sequence,
      nowMs: 0,
      mergedWatermarkMs: -Infinity,
      clocksMs: Float64Array.of(-Infinity),
      states: Uint8Array.of(1),
      droppedPartitions: null,
    },
    null,
  );
  return { envelope, payload: null, spares: [] };
}

const pool = new ShardPool([shardOptions(0), shardOptions(1)]);
after(() => pool.destroy());

test("ShardPool runs 2,000 waiting tasks of a shard strictly in order", async () => {
  const finished: number[] = [];
  const runs = Array.from({ length: TASKS }, async (_, i) => {
    const posted = await pool.run(0, emptyTask(i + 1));
    finished.push(new ShardReport(0, posted).sequence);
  });
  await Promise.all(runs);
  const expected = Array.from({ length: TASKS }, (_, i) => i + 1);
  assert.deepEqual(finished, expected);
});

test("ShardPool rejects a task that is out of order, with the reason", async () => {
  await pool.run(1, emptyTask(1));
  await assert.rejects(pool.run(1, emptyTask(3)), {
    message: "Cannot apply task to shard 1: its sequence is 3, expected 2",
  });
});
