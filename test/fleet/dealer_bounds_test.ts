import assert from "node:assert/strict";
import { test } from "node:test";
import type { ShardRunner } from "../../src/fleet/dispatcher_parts.ts";
import { ScanThreads } from "../../src/fleet/scan_threads.ts";
import { Random } from "../../src/generate/random.ts";
import { ACTIVE } from "../../src/watermark/partition_state.ts";
import { chunkOf } from "../support/built_chunk.ts";
import { localThreads } from "../support/local_threads.ts";
import {
  NumberedFleet,
  numberedChunks,
  toldDispatcher,
} from "../support/numbered_fleet.ts";
import type { BuiltBatch } from "../support/record_batch_builder.ts";
import { shardOptions } from "../support/shard_options.ts";

const LIMIT_BYTES = 4096;

for (const workers of [1, 3]) {
  test(`chunks under way stay within the limit, with ${workers} workers`, async () => {
    const random = new Random(7);
    const fleet = new NumberedFleet(workers, random);
    const { dispatcher } = toldDispatcher(fleet, LIMIT_BYTES);
    const chunks = numberedChunks(new Array(200).fill(64));
    let mostBytes = 0;
    for (const chunk of chunks) {
      await dispatcher.capacity();
      dispatcher.dealer.deal(chunk);
      dispatcher.expectRecords(true);
      dispatcher.pump();
      const underWay = chunks
        .slice(0, chunks.indexOf(chunk) + 1)
        .filter(({ releases }) => releases === 0);
      const bytes = underWay.reduce((sum, each) => sum + each.byteLength, 0);
      mostBytes = Math.max(mostBytes, bytes);
    }
    assert.ok(mostBytes <= LIMIT_BYTES, `${mostBytes} bytes under way`);
    assert.ok(mostBytes > LIMIT_BYTES * 0.9, `only ${mostBytes} bytes`);
  });
}

test("packed chunks count as what they are unpacked", async () => {
  const fleet = new NumberedFleet(3, new Random(7));
  const { dispatcher } = toldDispatcher(fleet, LIMIT_BYTES);
  // A tenth of what their records are.
  const chunks = numberedChunks(new Array(60).fill(64), 26);
  let mostChunks = 0;
  for (const [at, chunk] of chunks.entries()) {
    await dispatcher.capacity();
    dispatcher.dealer.deal(chunk);
    dispatcher.pump();
    const underWay = chunks
      .slice(0, at + 1)
      .filter(({ releases }) => releases === 0);
    // Before the first one is unpacked nobody knows.
    if (at > 30) mostChunks = Math.max(mostChunks, underWay.length);
  }
  assert.ok(mostChunks <= LIMIT_BYTES / 256, `${mostChunks} chunks`);
  assert.ok(mostChunks > LIMIT_BYTES / 256 - 3, `only ${mostChunks} chunks`);
});

test("a chunk beyond the limit is taken when nothing else is under way", async () => {
  const fleet = new NumberedFleet(2, new Random(7));
  const { dispatcher } = toldDispatcher(fleet, 100);
  const chunks = numberedChunks([300, 300, 300]);
  for (const [at, chunk] of chunks.entries()) {
    await dispatcher.capacity();
    assert.equal(chunks[at - 1]?.releases ?? 1, 1);
    dispatcher.dealer.deal(chunk);
    assert.equal(dispatcher.hasCapacity, false);
  }
  await dispatcher.capacity();
});

test("above the limit one chunk is scanned at a time", async () => {
  const fleet = new NumberedFleet(3, new Random(7));
  let underWay = 0;
  let mostUnderWay = 0;
  const counted: ShardRunner = {
    size: 3,
    run: (shard, message) => fleet.run(shard, message),
    look: assert.fail,
    scan: async (thread, message) => {
      mostUnderWay = Math.max(mostUnderWay, ++underWay);
      const answer = await fleet.scan(thread, message);
      underWay--;
      return answer;
    },
  };
  const { dispatcher, failures } = toldDispatcher(counted, LIMIT_BYTES);
  // All at once, as if each turned out to be larger than it claims.
  const large = numberedChunks(new Array(6).fill(64), LIMIT_BYTES);
  for (const chunk of large) dispatcher.dealer.deal(chunk);
  dispatcher.pump();
  await dispatcher.dealer.handedOn();
  assert.equal(mostUnderWay, 1);
  await dispatcher.quiet();
  mostUnderWay = 0;
  for (const chunk of numberedChunks(new Array(6).fill(64), 256)) {
    dispatcher.dealer.deal(chunk);
  }
  await dispatcher.quiet();
  assert.ok(mostUnderWay >= 3, `${mostUnderWay} scans at a time`);
  assert.deepEqual(failures, []);
});

test("ScanThreads gives the next scan to the thread that had a large one", () => {
  const threads = new ScanThreads(3, () => 0);
  const inTurn = (isLarge: boolean) => {
    const thread = threads.begin(isLarge);
    threads.end(thread);
    return thread;
  };
  assert.deepEqual([false, false, false].map(inTurn), [0, 1, 2]);
  assert.deepEqual([true, true, true, false].map(inTurn), [0, 0, 0, 0]);
  assert.equal(inTurn(false), 1);
});

test("packed chunks count as unpacked ones for the only shard too", async () => {
  const threads = localThreads([shardOptions()]);
  const { dispatcher } = toldDispatcher(threads, 1 << 20);
  dispatcher.setState(0, ACTIVE);
  const event_time = "2024-06-01T00:00:00Z";
  const pages = "p".repeat(1000);
  const visit = JSON.stringify({ visit_id: "a", event_time, x: pages });
  const records = new Array(100).fill({ key: null, value: visit });
  const released: number[] = [];
  let mostUnderWay = 0;
  for (let at = 0; at < 40; at++) {
    const batch = { baseOffset: at * 100, records, compression: "gzip" };
    const chunk = chunkOf([batch as BuiltBatch], {
      partition: 0,
      onFree: () => released.push(at),
    });
    await dispatcher.capacity();
    assert.ok(chunk.byteLength < 10_000, `${chunk.byteLength} bytes packed`);
    dispatcher.dealer.deal(chunk);
    dispatcher.expectRecords(true);
    dispatcher.pump();
    if (at >= 20)
      mostUnderWay = Math.max(mostUnderWay, at + 1 - released.length);
  }
  // Of 100 kB each.
  assert.ok(mostUnderWay <= 10, `${mostUnderWay} chunks`);
  assert.ok(mostUnderWay >= 8, `only ${mostUnderWay} chunks`);
});
