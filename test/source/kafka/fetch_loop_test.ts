import assert from "node:assert/strict";
import { test } from "node:test";
import {
  setImmediate as nextTurn,
  setTimeout as sleep,
} from "node:timers/promises";
import { FramePool } from "../../../src/record/frame_pool.ts";
import { EventQueue } from "../../../src/source/kafka/event_queue.ts";
import { FetchLoop } from "../../../src/source/kafka/fetch_loop.ts";
import { FrameSockets } from "../../../src/source/kafka/frame_sockets.ts";
import { PartitionPosition } from "../../../src/source/kafka/partition_position.ts";
import { TopicWatch } from "../../../src/source/kafka/topic_watch.ts";
import {
  type FakeBroker,
  FakeFetchCluster,
} from "../../support/fake_fetch_cluster.ts";
import { buildBatch } from "../../support/record_batch_builder.ts";
import { waitUntil } from "../../support/wait_until.ts";
import { walkRecords } from "../../support/walk_records.ts";

const NOT_LEADER = 6;
const TOPIC_AUTHORIZATION_FAILED = 29;
const LOG_END = 30;
const VISIT = { key: "0", value: "0" };

/** Serves ten records an answer, up to offset 30, then waits as brokers do. */
const serve: FakeBroker = async (asked) => {
  if (asked.every(({ offset }) => offset >= LOG_END)) await sleep(20);
  return asked.map(({ partition, offset }) => {
    const count = Math.min(10, LOG_END - offset);
    const records = Array.from({ length: count }, (_, index) => ({
      key: `${partition}`,
      value: `${offset + index}`,
    }));
    const batch = buildBatch({ baseOffset: offset, records });
    const isEmpty = count === 0;
    return {
      partition,
      lastStableOffset: LOG_END,
      records: isEmpty ? Buffer.alloc(0) : batch,
    };
  });
};

class LoopRun {
  readonly cluster = new FakeFetchCluster();
  readonly queue = new EventQueue();
  readonly troubles: unknown[] = [];
  /** Times that all partitions were read. */
  reads = 0;
  readonly failures: unknown[] = [];
  readonly loop: FetchLoop;
  readonly offsets = new Map<number, number[]>();

  constructor() {
    this.loop = new FetchLoop({
      topic: "visits",
      watch: new TopicWatch(this.cluster, "visits"),
      losses: {
        onNewTopic() {},
        onPartitions() {},
        onGone() {},
        onCut() {},
      },
      cluster: this.cluster,
      sockets: new FrameSockets(new FramePool()),
      queue: this.queue,
      health: {
        fetch: () => () => {},
        cannotRead: (error) => this.troubles.push(error),
        reads: () => this.reads++,
      },
      onFailure: (error) => this.failures.push(error),
    });
  }

  async start(...partitions: number[]): Promise<void> {
    await this.cluster.connect();
    this.assign(...partitions);
    this.loop.run();
  }

  assign(...partitions: number[]): void {
    const { table } = this.loop;
    const begun = (partition: number) => {
      const position = new PartitionPosition(partition);
      position.begin("earliest");
      return position;
    };
    this.loop.assign(partitions.map((each) => table.find(each) ?? begun(each)));
  }

  /** Takes what is queued; true when the partition has been read whole. */
  hasAll(partition: number): boolean {
    for (;;) {
      const entry = this.queue.shift();
      if (entry === undefined) break;
      if (entry.event.kind !== "records") continue;
      const { batch } = entry.event;
      const seen = this.offsets.get(batch.partition) ?? [];
      seen.push(...walkRecords(batch).map(({ offset }) => offset));
      this.offsets.set(batch.partition, seen);
      batch.release();
    }
    return this.offsets.get(partition)?.length === LOG_END;
  }

  /** Reads as fast as records come, without a timer, and stops. */
  async readUntil(condition: () => boolean): Promise<void> {
    const endMs = performance.now() + 20_000;
    while (!condition() && performance.now() < endMs) {
      this.hasAll(0);
      await nextTurn();
    }
    this.loop.stop();
  }

  assertWhole(...partitions: number[]): void {
    const whole = Array.from({ length: LOG_END }, (_, offset) => offset);
    for (const each of partitions) {
      assert.deepEqual(this.offsets.get(each), whole);
    }
  }
}

test("FetchLoop follows a partition to its new leader", async () => {
  const run = new LoopRun();
  const { cluster } = run;
  cluster.leaders.set(0, 1).set(1, 1);
  let answers = 0;
  cluster.brokers.set(1, async (asked) => {
    if (answers++ < 2) return await serve(asked);
    cluster.leaders.set(0, 2);
    return (await serve(asked)).map((each) =>
      each.partition === 0 ? { partition: 0, errorCode: NOT_LEADER } : each,
    );
  });
  cluster.brokers.set(2, serve);
  await run.start(0, 1);
  await waitUntil(() => run.hasAll(0) && run.hasAll(1));
  run.loop.stop();
  run.assertWhole(0, 1);
  const types = run.troubles.map((error) => (error as { type: string }).type);
  assert.deepEqual(types, ["NOT_LEADER_FOR_PARTITION"]);
  assert.ok(run.reads > 0);
});

test("FetchLoop waits while a partition has no leader", async () => {
  const run = new LoopRun();
  const { cluster } = run;
  cluster.leaders.set(0, -1);
  cluster.brokers.set(3, serve);
  await run.start(0);
  await waitUntil(() => cluster.refreshes > 2);
  assert.ok(cluster.refreshes < 10, "does not spin");
  cluster.leaders.set(0, 3);
  await waitUntil(() => run.hasAll(0));
  run.loop.stop();
  run.assertWhole(0);
});

test("FetchLoop asks again after a lost connection, from where it was", async () => {
  const run = new LoopRun();
  const { cluster } = run;
  cluster.leaders.set(0, 1);
  let requests = 0;
  cluster.brokers.set(1, async (asked) => {
    if (requests++ === 1) throw new Error("Closed connection");
    return await serve(asked);
  });
  await run.start(0);
  await waitUntil(() => run.hasAll(0));
  run.loop.stop();
  run.assertWhole(0);
});

test("FetchLoop drops answers to what was asked before a rebalance", async () => {
  const run = new LoopRun();
  const { cluster } = run;
  cluster.leaders.set(0, 1).set(1, 1);
  const gate = Promise.withResolvers<void>();
  const asked0: number[] = [];
  cluster.brokers.set(1, async (asked) => {
    const of0 = asked.find(({ partition }) => partition === 0);
    if (of0) asked0.push(of0.offset);
    const answer = await serve(asked);
    if (asked0.length === 2) await gate.promise;
    return answer;
  });
  await run.start(0, 1);
  await waitUntil(() => asked0.length === 2);
  assert.equal(run.hasAll(0), false);
  // Given away and taken back while the second answer is on its way.
  run.assign(1);
  run.assign(0, 1);
  run.offsets.delete(0);
  gate.resolve();
  await waitUntil(() => run.hasAll(0) && run.hasAll(1));
  run.loop.stop();
  run.assertWhole(0, 1);
  assert.equal(asked0[2], 0, "reads the partition from its start again");
});

test("FetchLoop fails when it may not read the topic", async () => {
  const run = new LoopRun();
  run.cluster.leaders.set(0, 1);
  run.cluster.brokers.set(1, async () => [
    { partition: 0, errorCode: TOPIC_AUTHORIZATION_FAILED },
  ]);
  await run.start(0);
  await waitUntil(() => run.failures.length > 0);
  assert.match(String(run.failures[0]), /authori[sz]/i);
});

test("FetchLoop spaces out requests for what is new", async () => {
  const run = new LoopRun();
  run.cluster.leaders.set(0, 1);
  const askedAtMs: number[] = [];
  // A new record is there whenever it is asked.
  run.cluster.brokers.set(1, async (asked) => {
    askedAtMs.push(performance.now());
    return asked.map(({ partition, offset }) => ({
      partition,
      lastStableOffset: offset + 1,
      records: buildBatch({ baseOffset: offset, records: [VISIT] }),
    }));
  });
  await run.start(0);
  await run.readUntil(() => askedAtMs.length > LOG_END);
  const spanMs = askedAtMs[LOG_END]! - askedAtMs[0]!;
  assert.ok(spanMs > LOG_END * 2, `${LOG_END} requests in ${spanMs} ms`);
});

test("FetchLoop reads what waits at the broker without a pause", async (t) => {
  const run = new LoopRun();
  run.cluster.leaders.set(0, 1);
  run.cluster.brokers.set(1, serve);
  // No timer fires: whatever waited for one would wait forever.
  t.mock.timers.enable({ apis: ["setTimeout"] });
  await run.start(0);
  await run.readUntil(() => run.hasAll(0));
  run.assertWhole(0);
});
