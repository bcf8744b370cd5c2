import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { LOG_END, LoopRun, serve } from "../../support/loop_run.ts";
import { buildBatch } from "../../support/record_batch_builder.ts";
import { waitUntil } from "../../support/wait_until.ts";

const NOT_LEADER = 6;
const TOPIC_AUTHORIZATION_FAILED = 29;
const VISIT = { key: "0", value: "0" };

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

test("FetchLoop fetches ahead as many answers as it may, of all brokers together", async () => {
  for (const [framesMax, each] of [
    [4, 4],
    [20, 10],
  ] as const) {
    const run = new LoopRun(framesMax);
    const answers = [0, 0];
    for (const partition of [0, 1]) {
      run.cluster.leaders.set(partition, partition);
      run.cluster.brokers.set(partition, async ([asked]) => {
        answers[partition]!++;
        const { offset } = asked!;
        const records = buildBatch({ baseOffset: offset, records: [VISIT] });
        return [{ partition, lastStableOffset: 1000, records }];
      });
    }
    await run.start(0, 1);
    await waitUntil(() => answers.every((count) => count === each));
    await sleep(50);
    assert.deepEqual(answers, [each, each]);
    // One that is given back makes room for the next.
    const { event } = run.queue.shift()!;
    assert.ok(event.kind === "records");
    event.chunk.release();
    await waitUntil(() => answers[event.chunk.partition] === each + 1);
    run.loop.stop();
  }
});

test("FetchLoop fails when a batch that it has to count is corrupt", async () => {
  const run = new LoopRun();
  run.from = 5;
  run.cluster.leaders.set(0, 1);
  const batch = { baseOffset: 3, records: [VISIT, VISIT], lastOffsetDelta: 9 };
  const records = buildBatch(batch);
  records[records.length - 1]! ^= 1;
  run.cluster.brokers.set(1, async () => [{ partition: 0, records }]);
  await run.start(0);
  await waitUntil(() => run.failures.length > 0);
  assert.match(
    String(run.failures[0]),
    /^WorldError: Cannot read topic "visits": the record batch at offset 3 of partition 0 is corrupt, CRC-32C/,
  );
});
