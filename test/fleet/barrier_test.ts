import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Barriers } from "../../src/fleet/barriers.ts";
import type { ShardReport } from "../../src/fleet/shard_report.ts";
import { hashKey, shardOf } from "../../src/kernel/host/key_hash.ts";
import { counterOf } from "../../src/wire/counters.ts";
import { BarrierFleet } from "../support/barrier_fleet.ts";

const START_MS = Date.parse("2024-06-01T00:00:00Z");
const LATER_MS = START_MS + 100 * 3_600_000;
const NO_RENEWALS = { renewals: [] };

/** So many visitors of one of two shards. */
function visitorsOf(shard: number, count: number): string[] {
  const ids: string[] = [];
  for (let i = 0; ids.length < count; i++) {
    const id = `visitor ${i}`;
    if (shardOf(hashKey(Buffer.from(id), 0, id.length), 2) === shard) {
      ids.push(id);
    }
  }
  return ids;
}

/** Output that is not acknowledged until it is told to. */
function heldOutput(isHeld: (report: ShardReport) => boolean) {
  let letGo = () => {};
  const gone = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const onReport = async (report: ShardReport) => {
    if (isHeld(report)) await gone;
  };
  return { onReport, letGo: () => letGo() };
}

test("a barrier is passed though outputs are full of what waits for it", async () => {
  let isSlow = true;
  const behind = { until: false };
  const { onReport, letGo } = heldOutput(() => behind.until);
  const fleet = new BarrierFleet({
    ...{ shardCount: 2, watermarks: "told" },
    // Shard 1 does nothing until shard 0 has filled the outputs.
    before: async (shard) => {
      while (shard === 1 && isSlow) await nextTurn();
    },
    onReport: async (report) => {
      const done = onReport(report);
      // The report with the answer is before it, those of shard 0 then behind.
      const isPassed = report.answers.some(({ kind }) => kind === "barrier");
      if (isPassed) behind.until = true;
      await done;
    },
  });
  const { dispatcher, passed } = fleet;
  const page = "p".repeat(2000);
  await fleet.deal(visitorsOf(0, 100), START_MS, page);
  await fleet.deal(visitorsOf(1, 100), START_MS);
  dispatcher.tellWatermark(LATER_MS);
  dispatcher.barrier(5, NO_RENEWALS);
  const isFull = () => !dispatcher.hasCapacity;
  assert.ok(await fleet.comesTrue(isFull), "the outputs never get full");
  isSlow = false;
  behind.until = false;
  assert.ok(await fleet.comesTrue(() => passed.length > 0), "a deadlock");
  assert.equal(isFull(), true);
  const slices = fleet.reports.filter(({ shard }) => shard === 1);
  assert.ok(slices.length > 3, `${slices.length}`);
  // Behind it shard 0 waits for the outputs.
  const before = fleet.reports.length;
  await fleet.comesTrue(() => false, 50);
  assert.equal(fleet.reports.length, before);
  letGo();
  const sessions = () =>
    fleet.reports.reduce(
      (sum, { envelope }) => sum + counterOf(envelope, "sessions"),
      0,
    );
  assert.ok(await fleet.comesTrue(() => sessions() === 200));
  const clocksMs = Float64Array.of(START_MS);
  const logs = [{ partition: 0, oldestCommit: 5, liveBytes: 14 }];
  assert.deepEqual(passed, [
    { commit: 5, passed: { watermarkMs: LATER_MS, clocksMs, logs } },
  ]);
});

test("outputs that are full before an open barrier hold the shards back", async () => {
  const { onReport, letGo } = heldOutput(() => true);
  const fleet = new BarrierFleet({ shardCount: 1, onReport });
  const ids = Array.from({ length: 1000 }, (_, i) => `v${i}`);
  await fleet.deal(ids, START_MS);
  fleet.dispatcher.barrier(1, NO_RENEWALS);
  await fleet.comesTrue(() => false, 100);
  assert.equal(fleet.passed.length, 0);
  const bytes = fleet.reports.reduce(
    (sum, each) => sum + each.payloadLength,
    0,
  );
  assert.ok(bytes < 128 * 1024, `${bytes}`);
  letGo();
  assert.ok(await fleet.comesTrue(() => fleet.passed.length > 0));
});

test("barriers come one at a time, and nothing begins while one is open", async () => {
  const fleet = new BarrierFleet({ shardCount: 2 });
  const { dispatcher, passed } = fleet;
  const change = { dropped: [0], topicId: null };
  dispatcher.barrier(3, NO_RENEWALS);
  const isOpen = /the barrier of commit 3 is open|that of commit 3 is open/;
  assert.throws(() => dispatcher.barrier(4, NO_RENEWALS), isOpen);
  assert.throws(() => dispatcher.clear(), isOpen);
  assert.throws(() => dispatcher.reassign(change), isOpen);
  assert.ok(await fleet.comesTrue(() => passed.length === 1));
  for (const commit of [0, 3, 2.5, 2 ** 31, Number.NaN]) {
    assert.throws(() => dispatcher.barrier(commit, NO_RENEWALS), /from 4 to/);
  }
  const renewals = [{ partition: 1, beforeCommit: 2, bytes: 1000 }];
  dispatcher.barrier(2 ** 31 - 1, { renewals });
  assert.ok(await fleet.comesTrue(() => passed.length === 2));
  for (const { calls } of fleet.stores) {
    assert.deepEqual(calls, ["renew 1 before 2: 1000"]);
  }
});

test("Barriers merges what the shards answer", () => {
  const barriers = new Barriers(2);
  barriers.restart([0, 1], { watermarkMs: 4, clocks: new Map([[1, 70]]) });
  barriers.open(1, 5);
  const answer = { kind: "barrier", commit: 1 } as const;
  const first = barriers.take(1, [
    { kind: "reassigned", assignment: 1 },
    {
      ...answer,
      clocksMs: Float64Array.of(10, 30),
      logs: [
        { partition: 4, oldestCommit: 9, liveBytes: 100 },
        { partition: 2, oldestCommit: 8, liveBytes: 10 },
      ],
    },
  ]);
  assert.equal(first, null);
  assert.deepEqual(
    [0, 1].map((shard) => [barriers.waitsFor(shard), barriers.isBehind(shard)]),
    [
      [true, false],
      [false, true],
    ],
  );
  const passed = barriers.take(0, [
    {
      ...answer,
      clocksMs: Float64Array.of(20, -Infinity, 40),
      logs: [{ partition: 4, oldestCommit: 3, liveBytes: 1 }],
    },
  ]);
  assert.deepEqual(passed, {
    watermarkMs: 5,
    clocksMs: Float64Array.of(20, 70, 40),
    logs: [
      { partition: 2, oldestCommit: 8, liveBytes: 10 },
      { partition: 4, oldestCommit: 3, liveBytes: 101 },
    ],
  });
  assert.equal(barriers.waitsFor(0), false);
  // A partition that is read anew, and not restored, has no clock.
  barriers.restart([1]);
  barriers.open(2, 6);
  const empty = {
    ...answer,
    commit: 2,
    clocksMs: new Float64Array(0),
    logs: [],
  };
  assert.throws(() => barriers.take(0, [{ ...empty, commit: 1 }]), {
    message:
      "Cannot take answer of shard 0 to the barrier of commit 1: expected 2",
  });
  barriers.take(0, [empty]);
  assert.throws(() => barriers.take(0, [empty]), /commit 2: expected none/);
  const { clocksMs } = barriers.take(1, [empty])!;
  assert.deepEqual(clocksMs, Float64Array.of(-Infinity, -Infinity));
  assert.throws(() => barriers.take(1, [empty]), /commit 2: expected none/);
});
