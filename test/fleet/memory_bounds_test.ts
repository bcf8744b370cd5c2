import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { WALL_CLOCK } from "../../src/clock.ts";
import { payloadSizes } from "../../src/fleet/buffer_sizes.ts";
import { Dispatcher, type ShardRunner } from "../../src/fleet/dispatcher.ts";
import { Router } from "../../src/route/router.ts";
import { createShard } from "../../src/shard/create_shard.ts";
import { ACTIVE, FINISHED } from "../../src/watermark/partition_state.ts";
import { listBatch } from "../support/list_batch.ts";
import { LiveBuffers } from "../support/live_buffers.ts";
import { shardOptions } from "../support/shard_options.ts";

const MIB = 1 << 20;
const LIMIT_BYTES = 8 * MIB;
const SHARDS = 32;
const EVENT_BYTES = MIB;
const VISIT_BYTES = 4096;
const PAGE = "p".repeat(VISIT_BYTES - 100);

let live: LiveBuffers;
beforeEach(() => {
  live = new LiveBuffers();
});
afterEach(() => live.restore());

/** Many shards in this thread, which answer when they are told to. */
class WaitingShards implements ShardRunner {
  readonly size = SHARDS;
  readonly waiting: (() => void)[] = [];
  readonly #shards = Array.from({ length: SHARDS }, (_, shard) =>
    createShard(
      shardOptions({
        ...{ shard, shardCount: SHARDS },
        outputBytes: LIMIT_BYTES / SHARDS,
      }),
    ),
  );

  run: ShardRunner["run"] = (shard, message) =>
    new Promise((resolve) => {
      this.waiting.push(() =>
        resolve({ ...this.#shards[shard]!.handle(message), threadCpuMs: 0 }),
      );
    });

  /** Lets some of the tasks be done. */
  async answer(count: number): Promise<void> {
    for (const done of this.waiting.splice(0, count)) done();
    await nextTurn();
  }
}

function createDispatcher(
  shards: ShardRunner,
  onReport: ConstructorParameters<typeof Dispatcher>[2]["onReport"],
) {
  const dispatcher = new Dispatcher(
    shards,
    {
      inFlightLimitBytes: LIMIT_BYTES,
      outputLimitBytes: LIMIT_BYTES,
      watermarks: "merged",
      clock: WALL_CLOCK,
    },
    { onReport, onFailure: assert.fail },
  );
  dispatcher.setState(0, ACTIVE);
  const router = new Router(dispatcher, { routeBy: "visit_id" });
  let routed = 0;
  return {
    dispatcher,
    /** Routes what the source brings at once. */
    routeEvent() {
      const values = Array.from({ length: EVENT_BYTES / VISIT_BYTES }, (_, i) =>
        JSON.stringify({
          visit_id: `visitor ${routed + i}`,
          event_time: "2024-06-01T00:00:00Z",
          page: PAGE,
        }),
      );
      router.route(listBatch(values, { partition: 0, baseOffset: routed }));
      routed += values.length;
    },
  };
}

test(`payloads of ${SHARDS} shards stay within the limit`, async () => {
  const shards = new WaitingShards();
  const { dispatcher, routeEvent } = createDispatcher(shards, async () => {});
  let mostBytes = 0;
  for (let events = 0; events < 60; events++) {
    dispatcher.expectRecords(events % 3 > 0);
    routeEvent();
    dispatcher.pump();
    mostBytes = Math.max(mostBytes, await live.bytes());
    // The source waits, and some of the shards are slow.
    while (!dispatcher.hasCapacity) {
      const capacity = dispatcher.capacity();
      await shards.answer(7);
      if (dispatcher.hasCapacity) await capacity;
      else capacity.catch(assert.fail);
    }
  }
  assert.ok(mostBytes <= LIMIT_BYTES, `${mostBytes} bytes of payloads`);
  assert.ok(mostBytes > LIMIT_BYTES / 2, `only ${mostBytes} bytes of payloads`);
  // What is kept when all is done stays within it too.
  while (!dispatcher.isSettled) {
    dispatcher.expectRecords(false);
    dispatcher.pump();
    await shards.answer(shards.waiting.length);
  }
  const keptBytes = await live.bytes();
  assert.ok(keptBytes <= LIMIT_BYTES, `${keptBytes} bytes of kept payloads`);
});

test(`reports of ${SHARDS} shards stay near the limit when the output is slow`, async () => {
  const shards = new WaitingShards();
  const unwritten: (() => void)[] = [];
  let unwrittenBytes = 0;
  let mostBytes = 0;
  let writtenBytes = 0;
  const { dispatcher, routeEvent } = createDispatcher(shards, (report) => {
    const bytes = report.payloadLength;
    unwrittenBytes += bytes;
    writtenBytes += bytes;
    mostBytes = Math.max(mostBytes, unwrittenBytes);
    if (bytes === 0) return Promise.resolve();
    return new Promise((resolve) => {
      unwritten.push(() => {
        unwrittenBytes -= bytes;
        resolve();
      });
    });
  });
  for (let events = 0; events < 48; events++) {
    routeEvent();
    dispatcher.pump();
    while (shards.waiting.length > 0) await shards.answer(SHARDS);
  }
  // All sessions fire: far more than may be under way.
  dispatcher.setState(0, FINISHED);
  dispatcher.pump();
  while (!dispatcher.isSettled || unwritten.length > 0) {
    while (shards.waiting.length > 0) await shards.answer(SHARDS);
    for (const done of unwritten.splice(0, 3)) done();
    await nextTurn();
  }
  assert.ok(writtenBytes > 40 * MIB, `${writtenBytes} bytes written`);
  // The shards had a report each under way when the limit was reached.
  const underWay = LIMIT_BYTES / 2;
  assert.ok(
    mostBytes <= LIMIT_BYTES + underWay,
    `${mostBytes} bytes unwritten`,
  );
  // Payloads of tasks, of reports that the shards keep, and that wait for a task.
  const heldBytes = await live.bytes();
  assert.ok(heldBytes <= 3 * LIMIT_BYTES, `${heldBytes} bytes held at the end`);
});

test("payloadSizes divides any limit by any number of shards", () => {
  for (const shardCount of [1, 2, 3, 8, 32, 64, 128]) {
    for (const limitBytes of [8, 16, 64, 1024].map((mib) => mib * MIB)) {
      const sizes = payloadSizes(limitBytes, shardCount);
      const { thinBytes, fullBytes, reservedBytes } = sizes;
      const text = `${shardCount} shards, ${limitBytes}: ${JSON.stringify(sizes)}`;
      // Each can have one that is filled and one that it works at.
      assert.ok(2 * shardCount * fullBytes <= limitBytes, text);
      assert.ok(thinBytes <= fullBytes, text);
      assert.ok(reservedBytes <= (limitBytes * 2) / 3, text);
      const isOver = sizes.mostBytes > limitBytes;
      assert.ok(!isOver || shardCount === 1, text);
    }
  }
  // Large payloads where they fit: a task costs the same, full or not.
  assert.equal(payloadSizes(8 * MIB, 1).fullBytes, 2728 * 1024);
  // The only shard has one that is filled to its end while it works at two.
  const only = payloadSizes(8 * MIB, 1);
  assert.ok(3 * only.fullBytes <= 8 * MIB - only.reservedBytes);
  assert.equal(payloadSizes(1024 * MIB, 32).fullBytes, 2728 * 1024);
});
