import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeMark } from "../../src/checkpoint/mark.ts";
import { decodeMetadata } from "../../src/checkpoint/offset_metadata.ts";
import type { ShardReport } from "../../src/fleet/shard_report.ts";
import type { LogState } from "../../src/wire/orders.ts";
import { decodeBatch } from "../support/decode_batches.ts";
import { listChunk } from "../support/list_chunk.ts";
import { CommitWorld } from "./commit_world.ts";

const MAGIC_AT = 16;

/** The marks that are in the log, by partition. */
async function marksOf(world: CommitWorld) {
  const marks = [];
  for (const { partition, bytes } of world.logged) {
    // The changes of windows are no batches here.
    if (bytes[MAGIC_AT] !== 2) continue;
    const { records } = await decodeBatch(bytes);
    const { value } = records[0]!;
    marks.push({ partition, ...decodeMark(value!, "the log") });
  }
  return marks;
}

test("Commits: a cut's offsets, its clocks and the watermark go into one commit", async () => {
  const world = new CommitWorld([0, 1]);
  world.deal(listChunk(["a", "b"], { partition: 0, baseOffset: 10 }));
  world.tick();
  assert.equal(world.barriers.length, 1);
  // This comes behind the cut.
  world.deal(listChunk(["c"], { partition: 0, baseOffset: 12 }));
  world.delta(0, 100);
  await world.pass({ watermarkMs: 70, clocksMs: [90, -Infinity] });
  assert.equal(world.commits.length, 1);
  const [{ offsets }] = world.commits as [(typeof world.commits)[0]];
  assert.deepEqual(
    offsets.map(({ partition, offset }) => [partition, offset]),
    [[0, 12]],
  );
  const metadata = decodeMetadata(offsets[0]!.metadata)!;
  assert.deepEqual(metadata, {
    ...{ from: 1, end: 2, by: "g-a", commit: 1, log: "windows" },
  });
  const marks = await marksOf(world);
  assert.equal(marks.length, 1);
  assert.equal(marks[0]!.offset, 12);
  assert.equal(marks[0]!.watermarkMs, 70);
  assert.equal(marks[0]!.clockMs, 90);
});

test("Commits: the first mark of windows that begin without others says so", async () => {
  const world = new CommitWorld([0]);
  for (const baseOffset of [10, 12]) {
    world.deal(listChunk(["a", "b"], { partition: 0, baseOffset }));
    world.tick();
    await world.pass();
  }
  const marks = await marksOf(world);
  assert.deepEqual(
    marks.map(({ isAnew, topic }) => ({ isAnew, topic })),
    [
      { isAnew: true, topic: "visits" },
      { isAnew: false, topic: "visits" },
    ],
  );
});

test("Commits: where nothing changes there is no commit, and no mark", async () => {
  const world = new CommitWorld([0, 1]);
  world.tick();
  assert.equal(world.barriers.length, 0);
  world.deal(listChunk(["a"], { partition: 1, baseOffset: 5 }));
  world.tick();
  await world.pass();
  world.tick();
  world.tick();
  assert.equal(world.barriers.length, 1);
  assert.deepEqual(
    (await marksOf(world)).map(({ partition }) => partition),
    [1],
  );
});

test("Commits: what has come back of the log is measured though nothing changes", async () => {
  const world = new CommitWorld([0, 1], 5_000);
  world.tick();
  const needs = (partition: number, liveBytes: number) => ({
    ...{ partition, oldestCommit: 1, liveBytes },
  });
  await world.pass({ logs: [needs(0, 3_000), needs(1, 4_000)] });
  const { logBytes, liveBytes } = world.meters.summary();
  assert.deepEqual([logBytes, liveBytes], [10_000, 7_000]);
  assert.equal(world.commits.length, 0);
  world.tick();
  assert.equal(world.barriers.length, 1);
  // A partition that does not change needs what it needed.
  world.deal(listChunk(["a"], { partition: 1, baseOffset: 5 }));
  world.tick();
  await world.pass({ logs: [needs(0, 3_000), needs(1, 4_100)] });
  assert.equal(world.commits.length, 1);
  assert.equal(world.meters.summary().liveBytes, 7_100);
});

test("Commits: a state that changes is committed without visits", async () => {
  const world = new CommitWorld([0]);
  world.deal(listChunk(["a"], { partition: 0, baseOffset: 5 }));
  world.tick();
  await world.pass();
  world.states.set(0, 2);
  world.tick();
  await world.pass();
  const marks = await marksOf(world);
  assert.deepEqual(
    marks.map(({ commit, offset, state }) => ({ commit, offset, state })),
    [
      { commit: 1, offset: 6, state: 1 },
      { commit: 2, offset: 6, state: 2 },
    ],
  );
});

test("Commits: one at a time, the next as soon as it is due", async () => {
  const world = new CommitWorld([0]);
  world.deal(listChunk(["a"], { partition: 0, baseOffset: 0 }));
  world.tick();
  world.deal(listChunk(["b"], { partition: 0, baseOffset: 1 }));
  world.tick();
  world.tick();
  assert.equal(world.barriers.length, 1);
  await world.pass();
  // The interval was over long ago.
  assert.equal(world.barriers.length, 2);
  await world.pass();
  assert.equal(world.commits.length, 2);
});

test("Commits: many records make one due before its time", async () => {
  const world = new CommitWorld([0]);
  const values = Array.from({ length: 8192 }, () => "v");
  for (let i = 0; i < 7; i++) {
    const baseOffset = i * values.length;
    world.deal(listChunk(values, { partition: 0, baseOffset }));
  }
  assert.equal(world.barriers.length, 0);
  world.deal(listChunk(values, { partition: 0, baseOffset: 7 * 8192 }));
  assert.equal(world.barriers.length, 1);
});

test("Commits: what is put out behind the barrier is of the next transaction", async () => {
  const world = new CommitWorld([0]);
  world.deal(listChunk(["a"], { partition: 0, baseOffset: 0 }));
  world.tick();
  world.answerBarrier();
  const report = { shard: 0, payload: new ArrayBuffer(1), answers: [] };
  const held = world.gate.admit(report as unknown as ShardReport)!;
  let isOut = false;
  const out = held.then((mayGo) => {
    isOut = mayGo && world.commits.length === 1;
  });
  await world.pass({ isAnswered: true });
  await out;
  assert.equal(isOut, true);
});

test("Commits: a failure is told, and ends them", async () => {
  const world = new CommitWorld([0]);
  world.failure = new Error("the transaction is lost");
  world.deal(listChunk(["a"], { partition: 0, baseOffset: 0 }));
  world.tick();
  await world.pass();
  assert.deepEqual(world.failures, [world.failure]);
  await assert.rejects(world.commitsLoop.halt(), /is lost/);
  world.deal(listChunk(["b"], { partition: 0, baseOffset: 1 }));
  world.tick();
  assert.equal(world.barriers.length, 1);
});

test("Commits: the seat is that of the assignment", async () => {
  const world = new CommitWorld([0]);
  world.deal(listChunk(["a"], { partition: 0, baseOffset: 0 }));
  world.tick();
  await world.pass();
  assert.deepEqual(world.commits[0]!.seat, world.seat);
});

test("Commits: changes of windows that nobody owns are an error", async () => {
  const world = new CommitWorld([0]);
  world.deal(listChunk(["a"], { partition: 0, baseOffset: 0 }));
  world.tick();
  world.delta(7, 10);
  await world.pass();
  assert.match(String(world.failures[0]), /partition 7 .* not owned/);
});

test("Commits: the log begins where live sessions need it, and is cut there", async () => {
  const world = new CommitWorld([0]);
  const commit = async (logs: readonly LogState[], baseOffset: number) => {
    world.deal(listChunk(["a"], { partition: 0, baseOffset }));
    world.tick();
    world.delta(0, 5 << 20);
    await world.pass({ logs });
  };
  const liveBytes = 5 << 20;
  await commit([{ partition: 0, oldestCommit: 1, liveBytes }], 0);
  await commit([{ partition: 0, oldestCommit: 1, liveBytes }], 1);
  assert.equal(world.truncated.length, 0);
  await commit([{ partition: 0, oldestCommit: 3, liveBytes }], 2);
  const froms = world.commits.map(
    ({ offsets }) => decodeMetadata(offsets[0]!.metadata)!.from,
  );
  // Two records a commit: the changes and the mark.
  assert.deepEqual(froms, [0, 0, 4]);
  assert.deepEqual(world.truncated, [new Map([[0, 4]])]);
});
