import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { IdleTracker } from "../../src/watermark/idle_tracker.ts";
import {
  ABSENT,
  ACTIVE,
  FINISHED,
  IDLE,
} from "../../src/watermark/partition_state.ts";

const TIMEOUT_MS = 100;

test("IdleTracker calls a caught-up partition idle exactly at the timeout", () => {
  const tracker = new IdleTracker(TIMEOUT_MS);
  tracker.assign([0], 0);
  tracker.tick(99, () => true, true);
  assert.equal(tracker.state(0), ACTIVE);
  tracker.tick(100, () => true, true);
  assert.equal(tracker.state(0), IDLE);
});

test("IdleTracker never calls a partition idle that is behind", () => {
  const tracker = new IdleTracker(TIMEOUT_MS);
  tracker.assign([0], 0);
  tracker.tick(1000, () => false, true);
  assert.equal(tracker.state(0), ACTIVE);
  // Its silence counts from when it was caught up, not from before.
  tracker.tick(1099, () => true, true);
  assert.equal(tracker.state(0), ACTIVE);
  tracker.tick(1100, () => true, true);
  assert.equal(tracker.state(0), IDLE);
});

test("IdleTracker counts a partition again as soon as it is heard", () => {
  const tracker = new IdleTracker(TIMEOUT_MS);
  tracker.assign([0], 0);
  tracker.tick(200, () => true, true);
  tracker.heard(0, 201);
  assert.equal(tracker.state(0), ACTIVE);
});

test("IdleTracker lets those heard last be idle a tick after the others", () => {
  const tracker = new IdleTracker(TIMEOUT_MS);
  const states = () => [0, 1, 2].map((partition) => tracker.state(partition));
  tracker.assign([0, 1, 2], 0);
  tracker.heard(0, 10);
  tracker.heard(1, 20);
  tracker.tick(200, () => true, true);
  assert.deepEqual(states(), [IDLE, ACTIVE, IDLE]);
  tracker.tick(200, () => true, true);
  assert.deepEqual(states(), [IDLE, IDLE, IDLE]);
});

test("IdleTracker keeps the last active ones until the shards have settled", () => {
  const tracker = new IdleTracker(TIMEOUT_MS);
  tracker.assign([0, 1], 0);
  tracker.heard(0, 10);
  tracker.tick(200, () => true, false);
  assert.deepEqual([tracker.state(0), tracker.state(1)], [ACTIVE, IDLE]);
  tracker.tick(1e6, () => true, false);
  assert.equal(tracker.state(0), ACTIVE);
  tracker.tick(1e6, () => true, true);
  assert.equal(tracker.state(0), IDLE);
});

test("IdleTracker keeps those heard last until one that was behind is idle", () => {
  const tracker = new IdleTracker(TIMEOUT_MS);
  tracker.assign([0, 1], 0);
  tracker.heard(0, 10);
  tracker.tick(50, (partition) => partition === 0, true);
  const states = (nowMs: number) => {
    tracker.tick(nowMs, () => true, true);
    return [tracker.state(0), tracker.state(1)];
  };
  // Were 0 idle already, 1 would hold the watermark back for good.
  assert.deepEqual(states(149), [ACTIVE, ACTIVE]);
  assert.deepEqual(states(150), [ACTIVE, IDLE]);
  assert.deepEqual(states(151), [IDLE, IDLE]);
});

test("IdleTracker lets the watermark reach what was heard last, property", () => {
  const PARTITIONS = [0, 1, 2];
  const step = fc.record({
    afterMs: fc.nat(TIMEOUT_MS),
    heard: fc.subarray(PARTITIONS, { maxLength: 1 }),
    behind: fc.subarray(PARTITIONS),
    isSettled: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1 }), (steps) => {
      const tracker = new IdleTracker(TIMEOUT_MS);
      tracker.assign(PARTITIONS, 0);
      // A partition's event time is the time at which it was heard last.
      const clocks = PARTITIONS.map(() => Number.NEGATIVE_INFINITY);
      let watermark = Number.NEGATIVE_INFINITY;
      let nowMs = 0;
      const tick = (behind: readonly number[], isSettled: boolean) => {
        // Settled: the shards know the states that the last tick left.
        if (isSettled) watermark = Math.max(watermark, lowestActive());
        tracker.tick(nowMs, (each) => !behind.includes(each), isSettled);
      };
      const lowestActive = () => {
        const active = PARTITIONS.filter(
          (each) => tracker.state(each) === ACTIVE,
        );
        if (active.length === 0) return Number.NEGATIVE_INFINITY;
        return Math.min(...active.map((each) => clocks[each]!));
      };
      for (const { afterMs, heard, behind, isSettled } of steps) {
        nowMs += afterMs;
        for (const each of heard) {
          tracker.heard(each, nowMs);
          clocks[each] = nowMs;
        }
        tick(behind, isSettled);
      }
      for (let silent = 0; silent < 20; silent++) {
        nowMs += TIMEOUT_MS / 4;
        tick([], true);
      }
      for (const each of PARTITIONS) assert.equal(tracker.state(each), IDLE);
      assert.equal(watermark, Math.max(...clocks));
    }),
    { numRuns: 1_000 },
  );
});

test("IdleTracker waits for nobody where another partition is active", () => {
  const tracker = new IdleTracker(TIMEOUT_MS);
  tracker.assign([0, 1, 2], 0);
  tracker.heard(0, 10);
  tracker.heard(1, 20);
  tracker.heard(2, 199);
  tracker.tick(200, () => true, true);
  assert.deepEqual(
    [0, 1, 2].map((partition) => tracker.state(partition)),
    [IDLE, IDLE, ACTIVE],
  );
});

test("IdleTracker with timeout 0 calls no partition idle", () => {
  const tracker = new IdleTracker(0);
  tracker.assign([0], 0);
  tracker.tick(1e12, () => true, true);
  assert.equal(tracker.state(0), ACTIVE);
});

test("IdleTracker refuses records of a finished or unowned partition", () => {
  const tracker = new IdleTracker(TIMEOUT_MS);
  tracker.assign([0], 0);
  tracker.finish(0);
  assert.throws(() => tracker.heard(0, 1), /it is finished/);
  assert.throws(() => tracker.heard(7, 1), /it is not owned/);
});

test("IdleTracker keeps the state of partitions that stay assigned", () => {
  const tracker = new IdleTracker(TIMEOUT_MS);
  tracker.assign([0, 1], 0);
  tracker.tick(100, () => true, true);
  tracker.assign([1, 2], 150);
  assert.equal(tracker.state(0), ABSENT);
  assert.equal(tracker.state(1), IDLE);
  assert.equal(tracker.state(2), ACTIVE);
});

test("IdleTracker finishes for good and idles only by the rule", () => {
  const steps = fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant("heard" as const) }),
      fc.record({ kind: fc.constant("finish" as const) }),
      fc.record({
        kind: fc.constant("tick" as const),
        afterMs: fc.nat(150),
        isCaughtUp: fc.boolean(),
      }),
    ),
  );
  fc.assert(
    fc.property(steps, (all) => {
      const tracker = new IdleTracker(TIMEOUT_MS);
      tracker.assign([0], 0);
      let nowMs = 0;
      let silentSinceMs = 0;
      let isFinished = false;
      for (const step of all) {
        if (step.kind === "finish") {
          tracker.finish(0);
          isFinished = true;
        } else if (step.kind === "heard" && !isFinished) {
          tracker.heard(0, nowMs);
          silentSinceMs = nowMs;
        } else if (step.kind === "tick") {
          const before = tracker.state(0);
          nowMs += step.afterMs;
          if (before === ACTIVE && !step.isCaughtUp) silentSinceMs = nowMs;
          tracker.tick(nowMs, () => step.isCaughtUp, true);
        }
        const isSilent = nowMs - silentSinceMs >= TIMEOUT_MS;
        if (isFinished) assert.equal(tracker.state(0), FINISHED);
        else if (!isSilent) assert.equal(tracker.state(0), ACTIVE);
      }
    }),
  );
});
