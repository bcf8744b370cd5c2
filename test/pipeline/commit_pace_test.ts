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

test("CommitPace: a hiccup is no backlog, and a backlog has a commit a second", () => {
  const hiccup = paceOf([29_000]);
  hiccup.deal(0, 10_000);
  hiccup.world.nowMs += 90;
  // 261 ms of work are left at that pace.
  assert.equal(hiccup.dueAfterMs(), 0);
  const { world, deal, dueAfterMs } = paceOf([60_000]);
  deal(0, 10_000);
  world.nowMs += 100;
  // 600 ms of work are left at that pace, which falls meanwhile.
  assert.equal(dueAfterMs(), 900);
});

test("CommitPace: the last commit of a backlog comes when all is read", () => {
  const { pace, positions, progress, world, deal, dueAfterMs } = paceOf([1e7]);
  const cut = () => {
    pace.cut();
    positions.cut(progress());
  };
  world.nowMs += 800;
  deal(0, 1_048_576);
  assert.ok(pace.isDue);
  cut();
  world.nowMs += 95;
  deal(0, 100_000);
  world.lags[0] = 100_000;
  assert.ok(!pace.isDue, "95 ms of work are left, and no commit of their own");
  deal(0, 99_999);
  world.lags[0] = 1;
  assert.ok(!pace.isDue);
  deal(0, 1);
  world.lags[0] = 0;
  assert.ok(pace.isDue, "at once: it is many");
  cut();
  world.nowMs += 80;
  deal(0, 1_000);
  world.lags[0] = 500;
  assert.equal(dueAfterMs(), 10, "then the interval counts again");
});

test("CommitPace: what is left of a backlog behind a cut is committed together", () => {
  const { pace, positions, progress, world, deal } = paceOf([1e7]);
  const cut = () => {
    pace.cut();
    positions.cut(progress());
  };
  const dealMany = (lag: number) => {
    world.nowMs += 800;
    deal(0, 1_048_576);
    world.lags[0] = lag;
    assert.ok(pace.isDue);
    cut();
    world.nowMs += 95;
    deal(0, 65_536);
    world.lags[0] = lag - 65_536;
  };
  dealMany(500_000);
  // 150 ms of work are left at the cut: more than the interval.
  dealMany(200_000);
  assert.ok(!pace.isDue);
  // 75 ms are not worth to wait for.
  dealMany(100_000);
  assert.ok(pace.isDue);
});

test("CommitPace: an end of a backlog that does not come is not waited for", () => {
  const { pace, positions, progress, world, deal, dueAfterMs } = paceOf([1e7]);
  world.nowMs += 800;
  deal(0, 1_048_576);
  pace.cut();
  positions.cut(progress());
  deal(0, 1_000);
  world.lags[0] = 100;
  assert.equal(dueAfterMs(), 1_000);
});

test("CommitPace: records of a backlog are committed together up to a bound", () => {
  const { pace, deal, world } = paceOf([1e9]);
  world.nowMs += 200;
  deal(0, 1_048_575);
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
