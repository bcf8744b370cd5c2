import assert from "node:assert/strict";
import { test } from "node:test";
import { WALL_CLOCK } from "../../src/clock.ts";
import { BATCH_BYTES, THIN_BATCH_BYTES } from "../../src/fleet/buffer_sizes.ts";
import { Dispatcher } from "../../src/fleet/dispatcher.ts";
import { Router } from "../../src/route/router.ts";
import { createShard } from "../../src/shard/create_shard.ts";
import { ACTIVE } from "../../src/watermark/partition_state.ts";
import type { PostedReport, TaskMessage } from "../../src/wire/messages.ts";
import { decodeTask } from "../../src/wire/task_codec.ts";
import { listBatch } from "../support/list_batch.ts";
import { shardOptions } from "../support/shard_options.ts";

/** One payload, the smallest, fills it. */
const SMALL_LIMIT_BYTES = 16 * 1024;

/** A dispatcher of one shard, which works only when told to. */
function createDispatcher(limitBytes = 8 << 20) {
  const shard = createShard(shardOptions());
  const waiting: (() => void)[] = [];
  const counts: number[] = [];
  const followed: boolean[] = [];
  const payloadBytes: number[] = [];
  const run = (_: number, message: TaskMessage): Promise<PostedReport> => {
    const task = decodeTask(message.envelope);
    followed.push(task.isFollowed());
    payloadBytes.push(message.payload?.byteLength ?? 0);
    const runs = task.runCountsArray();
    counts.push(runs?.reduce((sum, count) => sum + count, 0) ?? 0);
    return new Promise((resolve) => {
      waiting.push(() => {
        resolve({ ...shard.handle(message), threadCpuMs: 0 });
      });
    });
  };
  const dispatcher = new Dispatcher(
    { size: 1, run },
    {
      inFlightLimitBytes: limitBytes,
      outputLimitBytes: limitBytes,
      watermarks: "merged",
      clock: WALL_CLOCK,
    },
    { onReport: async () => {}, onFailure: assert.fail },
  );
  dispatcher.setState(0, ACTIVE);
  const router = new Router(dispatcher, { routeBy: "visit_id" });
  let routed = 0;
  return {
    dispatcher,
    /** Records in each task that was sent. */
    counts,
    followed,
    payloadBytes,
    /** Routes some records, as a source that has more of them at hand or not. */
    take(count: number, isFilling: boolean, size = 0) {
      const values = Array.from({ length: count }, () =>
        JSON.stringify({
          visit_id: "a",
          event_time: "2024-06-01T00:00:00Z",
          x: "x".repeat(size),
        }),
      );
      router.route(listBatch(values, { partition: 0, baseOffset: routed }));
      routed += count;
      dispatcher.expectRecords(isFilling);
      dispatcher.pump();
    },
    async work() {
      waiting.shift()!();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

test("Dispatcher lets a batch wait for the records that are at hand", async () => {
  const { dispatcher, counts, take, work } = createDispatcher();
  take(1, false);
  assert.deepEqual(counts, [1]);
  for (let i = 0; i < 5; i++) take(2, true);
  assert.deepEqual(counts, [1]);
  take(3, false);
  assert.deepEqual(counts, [1, 13]);
  await work();
  await work();
  while (!dispatcher.isSettled) await work();
  await dispatcher.quiet();
});

test("Dispatcher sends what there is when it can take no more", async () => {
  const { dispatcher, counts, take, work } =
    createDispatcher(SMALL_LIMIT_BYTES);
  take(1, false);
  take(2, true, SMALL_LIMIT_BYTES / 3);
  assert.deepEqual(counts, [1]);
  const capacity = dispatcher.capacity();
  assert.deepEqual(counts, [1, 2]);
  await work();
  await work();
  await capacity;
});

test("Dispatcher says of a full batch, and of no other, that one follows", () => {
  const { counts, followed, take } = createDispatcher();
  take(7, true, BATCH_BYTES / 3);
  // The first payload is a small one, made larger for the first record.
  assert.deepEqual(counts, [1, 2, 2]);
  assert.deepEqual(followed, [true, true, true]);
  take(1, false);
  assert.deepEqual(counts, [1, 2, 2]);
  const idle = createDispatcher();
  idle.take(1, false);
  assert.deepEqual(idle.followed, [false]);
});

test("Dispatcher takes small payloads as long as traffic is thin", async () => {
  const { payloadBytes, take, work } = createDispatcher();
  const third = THIN_BATCH_BYTES / 3;
  for (let i = 0; i < 2; i++) {
    take(1, false);
    await work();
  }
  // The third does not fit any more: much seems to come.
  take(3, false, third);
  await work();
  take(1, false);
  await work();
  take(1, false);
  const [thin, large] = [THIN_BATCH_BYTES, BATCH_BYTES];
  assert.deepEqual(payloadBytes.filter(Boolean).slice(0, 3), [
    thin,
    thin,
    thin,
  ]);
  assert.equal(payloadBytes.filter(Boolean)[3], large);
  assert.equal(payloadBytes.filter(Boolean).at(-1), thin);
});
