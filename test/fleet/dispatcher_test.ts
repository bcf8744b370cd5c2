import assert from "node:assert/strict";
import { test } from "node:test";
import { WALL_CLOCK } from "../../src/clock.ts";
import { Dispatcher } from "../../src/fleet/dispatcher.ts";
import { taskBytes } from "../../src/fleet/task_batch.ts";
import { readRecordCount } from "../../src/record/batch_header_reader.ts";
import type { ChunkPlace } from "../../src/record/chunk.ts";
import { createShard } from "../../src/shard/create_shard.ts";
import { ACTIVE } from "../../src/watermark/partition_state.ts";
import type { PostedReport, TaskMessage } from "../../src/wire/messages.ts";
import { decodeTask } from "../../src/wire/task_codec.ts";
import { listChunk } from "../support/list_chunk.ts";
import { shardOptions } from "../support/shard_options.ts";

const SMALL_LIMIT_BYTES = 16 * 1024;
const TASK_BYTES = taskBytes(1);

/** A dispatcher of one shard, which works only when told to. */
function createDispatcher(limitBytes = 8 << 20) {
  const shard = createShard(shardOptions());
  const waiting: (() => void)[] = [];
  const counts: number[] = [];
  const followed: boolean[] = [];
  const run = (_: number, message: TaskMessage): Promise<PostedReport> => {
    const task = decodeTask(message.envelope);
    followed.push(task.isFollowed());
    counts.push(message.chunks.reduce((sum, each) => sum + countOf(each), 0));
    return new Promise((resolve) => {
      waiting.push(() => {
        resolve({ ...shard.handle(message), threadCpuMs: 0 });
      });
    });
  };
  const dispatcher = new Dispatcher(
    { size: 1, run, scan: assert.fail, look: assert.fail },
    {
      inFlightLimitBytes: limitBytes,
      outputLimitBytes: limitBytes,
      watermarks: "merged",
      ...{ topic: "visits", keepsRecords: false },
      clock: WALL_CLOCK,
    },
    { onReport: async () => {}, onFailure: assert.fail },
  );
  dispatcher.setState(0, ACTIVE);
  let dealt = 0;
  return {
    dispatcher,
    /** Records in each task that was sent. */
    counts,
    followed,
    /** Deals some records, as a source that has more of them at hand or not. */
    take(count: number, isFilling: boolean, size = 0) {
      const values = Array.from({ length: count }, () =>
        JSON.stringify({
          visit_id: "a",
          event_time: "2024-06-01T00:00:00Z",
          x: "x".repeat(size),
        }),
      );
      const place = { partition: 0, baseOffset: dealt };
      dispatcher.dealer.deal(listChunk(values, place));
      dealt += count;
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
  const { dispatcher, counts, followed, take } = createDispatcher();
  // News go alone first.
  dispatcher.pump();
  for (let i = 0; i < 7; i++) take(1, true, TASK_BYTES / 2.5);
  assert.deepEqual(counts, [0, 2, 2, 2]);
  assert.deepEqual(followed, [false, true, true, true]);
  take(1, false);
  assert.deepEqual(counts, [0, 2, 2, 2]);
  const idle = createDispatcher();
  idle.take(1, false);
  assert.deepEqual(idle.followed, [false]);
});

/** Records that a place has, as the headers of its batches say. */
function countOf({ memory, starts }: ChunkPlace): number {
  const bytes = Buffer.from(memory);
  return starts.reduce((sum, at) => sum + readRecordCount(bytes, at), 0);
}
