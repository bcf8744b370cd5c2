import assert from "node:assert/strict";
import { test } from "node:test";
import { CommitPace } from "../../src/pipeline/commit_pace.ts";
import { Positions } from "../../src/pipeline/positions.ts";
import type { Chunk } from "../../src/record/chunk.ts";
import type { PartitionProgress } from "../../src/source/source.ts";
import { listChunk } from "../support/list_chunk.ts";

const INTERVAL_MS = 100;

/** A pace over partitions of which so many records wait to be read. */
function paceOf(lags: readonly (number | null)[]) {
  const positions = new Positions();
  const world = { nowMs: 5_000, lags: [...lags] };
  const progress = (): PartitionProgress[] =>
    world.lags.map((lag, partition) => ({
      ...{ partition, lag, position: null, endOffset: null },
      isCaughtUp: lag === 0,
    }));
  positions.begin(new Map(lags.map((_, partition) => [partition, 0])));
  const pace = new CommitPace({
    ...{ positions, progress, intervalMs: INTERVAL_MS },
    clock: { nowMs: () => world.nowMs },
  });
  const offsets = lags.map(() => 0);
  /** So many records of a partition are dealt, as one chunk. */
  const deal = (partition: number, count: number) => {
    const baseOffset = offsets[partition]!;
    const chunk = listChunk(["a"], { partition, baseOffset });
    offsets[partition] = baseOffset + 1;
    positions.dealt({ ...chunk, count } as Chunk);
  };
  /** Milliseconds from now on until a commit is due. */
  const dueAfterMs = () => {
    for (let ms = 0; ms < 5_000; ms++, world.nowMs++) if (pace.isDue) return ms;
    return null;
  };
  return { pace, positions, world, progress, deal, dueAfterMs };
}

test("CommitPace: without a backlog the interval counts, and many records", () => {
  const { pace, deal, dueAfterMs } = paceOf([0, null]);
  deal(0, 65_535);
  assert.ok(!pace.isFull);
  assert.equal(dueAfterMs(), 0.9 * INTERVAL_MS);
  pace.cut();
  assert.ok(!pace.isDue);
  deal(0, 1);
  assert.ok(pace.isFull && pace.isDue);
});

test("CommitPace: what comes while all is read is no backlog", () => {
  const { world, deal, dueAfterMs } = paceOf([0]);
  // 10,000 a second, of which the last few ms are not fetched yet.
  deal(0, 1_000);
  world.nowMs += 80;
  world.lags[0] = 50;
  assert.equal(dueAfterMs(), 10);
});

test("CommitPace: commits are fewer the longer the backlog takes", () => {
  const hiccup = paceOf([29_000]);
  hiccup.deal(0, 10_000);
  hiccup.world.nowMs += 90;
  // 261 ms of work are left at that pace.
  assert.equal(hiccup.dueAfterMs(), 0);
  const { world, deal, dueAfterMs } = paceOf([20_000]);
  deal(0, 10_000);
  world.nowMs += 200;
  // 400 ms of work are left, and 200 are half of it.
  assert.equal(dueAfterMs(), 0);
  const longer = paceOf([60_000]);
  longer.deal(0, 10_000);
  longer.world.nowMs += 100;
  // The pace falls meanwhile: half of 6 times as long is never over.
  assert.equal(longer.dueAfterMs(), 900, "but a second is");
});

test("CommitPace: records of a backlog are committed together up to a bound", () => {
  const { pace, deal, world } = paceOf([1e9]);
  world.nowMs += 200;
  deal(0, 262_143);
  assert.ok(pace.isFull && !pace.isDue);
  deal(0, 1);
  assert.ok(pace.isDue);
});

test("CommitPace: a partition that cannot be read holds nothing up", () => {
  const { world, deal, positions, progress, dueAfterMs } = paceOf([1e9, 0]);
  deal(0, 10);
  positions.cut(progress());
  deal(1, 1_000);
  assert.equal(positions.backlog(progress()), 0);
  world.nowMs += 0.9 * INTERVAL_MS;
  assert.equal(dueAfterMs(), 0);
});
