import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { WALL_CLOCK } from "../../src/clock.ts";
import { Dispatcher } from "../../src/fleet/dispatcher.ts";
import type { ShardRunner } from "../../src/fleet/dispatcher_parts.ts";
import { ACTIVE, FINISHED } from "../../src/watermark/partition_state.ts";
import { listChunk } from "../support/list_chunk.ts";
import { LiveBuffers } from "../support/live_buffers.ts";
import { LocalThread } from "../support/local_threads.ts";
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
  readonly #threads = Array.from(
    { length: SHARDS },
    (_, shard) =>
      new LocalThread(
        shardOptions({
          ...{ shard, shardCount: SHARDS },
          outputBytes: LIMIT_BYTES / SHARDS,
        }),
      ),
  );

  run: ShardRunner["run"] = (shard, message) =>
    this.#whenTold(() => this.#threads[shard]!.run(message));

  scan: ShardRunner["scan"] = (thread, message) =>
    this.#whenTold(() => this.#threads[thread]!.scan(message));

  look: ShardRunner["look"] = (shard, message) =>
    this.#whenTold(() => this.#threads[shard]!.look(message));

  #whenTold<T>(work: () => T): Promise<T> {
    return new Promise((resolve) => {
      this.waiting.push(() => resolve(work()));
    });
  }

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
      sharedRecordsMax: 0,
      inFlightLimitBytes: LIMIT_BYTES,
      outputLimitBytes: LIMIT_BYTES,
      watermarks: "merged",
      ...{ topic: "visits", keepsRecords: false },
      clock: WALL_CLOCK,
    },
    { onReport, onFailure: assert.fail },
  );
  dispatcher.setState(0, ACTIVE);
  let dealt = 0;
  const chunks = { bytes: 0 };
  return {
    dispatcher,
    /** Bytes of the chunks that were dealt and not given back. */
    chunks,
    /** Deals what the source brings at once. */
    dealEvent() {
      const values = Array.from({ length: EVENT_BYTES / VISIT_BYTES }, (_, i) =>
        JSON.stringify({
          visit_id: `visitor ${dealt + i}`,
          event_time: "2024-06-01T00:00:00Z",
          page: PAGE,
        }),
      );
      const chunk = listChunk(values, { partition: 0, baseOffset: dealt });
      const release = chunk.release.bind(chunk);
      chunk.release = () => {
        chunks.bytes -= chunk.byteLength;
        release();
      };
      chunks.bytes += chunk.byteLength;
      dispatcher.dealer.deal(chunk);
      dealt += values.length;
    },
  };
}

test(`chunks for ${SHARDS} shards stay within the limit`, async () => {
  const shards = new WaitingShards();
  const { dispatcher, dealEvent, chunks } = createDispatcher(
    shards,
    async () => {},
  );
  let mostBytes = 0;
  for (let events = 0; events < 60; events++) {
    dispatcher.expectRecords(events % 3 > 0);
    dealEvent();
    dispatcher.pump();
    mostBytes = Math.max(mostBytes, chunks.bytes);
    // The source waits, and some of the shards are slow.
    while (!dispatcher.hasCapacity) {
      const capacity = dispatcher.capacity();
      await shards.answer(7);
      if (dispatcher.hasCapacity) await capacity;
      else capacity.catch(assert.fail);
    }
  }
  assert.ok(mostBytes <= LIMIT_BYTES, `${mostBytes} bytes of chunks`);
  assert.ok(mostBytes > LIMIT_BYTES / 2, `only ${mostBytes} bytes of chunks`);
  // Nothing is kept when all is done.
  while (!dispatcher.isSettled) {
    dispatcher.expectRecords(false);
    dispatcher.pump();
    await shards.answer(shards.waiting.length);
  }
  assert.equal(chunks.bytes, 0);
});

test(`reports of ${SHARDS} shards stay near the limit when the output is slow`, async () => {
  const shards = new WaitingShards();
  const unwritten: (() => void)[] = [];
  let unwrittenBytes = 0;
  let mostBytes = 0;
  let writtenBytes = 0;
  const { dispatcher, dealEvent } = createDispatcher(shards, (report) => {
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
    dealEvent();
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
  // Payloads of reports that the shards keep, and that wait for a task.
  const heldBytes = await live.bytes();
  assert.ok(heldBytes <= 2 * LIMIT_BYTES, `${heldBytes} bytes held at the end`);
});
