import assert from "node:assert/strict";
import { test } from "node:test";
import type { ShardReport } from "../../src/fleet/shard_report.ts";
import { listChunk } from "../support/list_chunk.ts";
import { CommitWorld } from "./commit_world.ts";

test("Commits: the last one has all that was dealt, and none follows", async () => {
  const world = new CommitWorld([0]);
  world.deal(listChunk(["a"], { partition: 0, baseOffset: 0 }));
  world.tick();
  world.deal(listChunk(["b"], { partition: 0, baseOffset: 1 }));
  const last = world.commitsLoop.last();
  await world.pass();
  assert.equal(world.barriers.length, 2);
  await world.pass();
  await last;
  assert.deepEqual(
    world.commits.map(({ offsets }) => offsets[0]!.offset),
    [1, 2],
  );
  world.deal(listChunk(["c"], { partition: 0, baseOffset: 2 }));
  world.tick();
  assert.equal(world.barriers.length, 2);
});

/** A report that the shard puts out now; resolves to whether it may go. */
function put(world: CommitWorld): Promise<boolean> {
  const report = { shard: 0, payload: new ArrayBuffer(1), answers: [] };
  const admitted = world.gate.admit(report as unknown as ShardReport);
  return admitted ?? Promise.resolve(true);
}

for (const end of ["last", "halt"] as const) {
  test(`Commits: what is held behind the one before ${end} is in no other one`, async () => {
    const world = new CommitWorld([0]);
    world.deal(listChunk(["a"], { partition: 0, baseOffset: 0 }));
    if (end === "halt") world.tick();
    const ended = world.commitsLoop[end]();
    await new Promise(setImmediate);
    world.answerBarrier();
    const isOut = put(world);
    await world.pass({ isAnswered: true });
    await ended;
    assert.equal(await isOut, false);
    assert.equal(world.commits.length, 1);
    assert.equal(world.gate.hasWritten, false);
  });
}

test("Commits: who asks for a last one amid another waits for that too", async () => {
  const world = new CommitWorld([0]);
  world.deal(listChunk(["a"], { partition: 0, baseOffset: 0 }));
  world.tick();
  world.deal(listChunk(["b"], { partition: 0, baseOffset: 1 }));
  const last = world.commitsLoop.last();
  let isOver = false;
  const again = world.commitsLoop.last().then(() => {
    isOver = true;
  });
  await world.pass();
  assert.equal(world.barriers.length, 2);
  assert.equal(isOver, false);
  await world.pass();
  await Promise.all([last, again]);
  assert.equal(world.commits.length, 2);
});

test("Commits: an assignment that is taken amid the last one ends it", async () => {
  const world = new CommitWorld([0]);
  world.deal(listChunk(["a"], { partition: 0, baseOffset: 0 }));
  world.tick();
  world.deal(listChunk(["b"], { partition: 0, baseOffset: 1 }));
  const last = world.commitsLoop.last();
  const halted = world.commitsLoop.halt();
  await world.pass();
  await halted;
  assert.equal(world.barriers.length, 1);
  // The new assignment's output is not dropped by what the old one still does.
  world.gate.open();
  await last;
  assert.equal(await put(world), true);
});
