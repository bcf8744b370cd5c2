import assert from "node:assert/strict";
import { test } from "node:test";
import { PartitionClocks } from "../../src/watermark/partition_clocks.ts";
import {
  ABSENT,
  ACTIVE,
  FINISHED,
  IDLE,
} from "../../src/watermark/partition_state.ts";

const BOUND_MS = 1000;

function clocksOf(states: number[], clocksMs: number[]): PartitionClocks {
  const clocks = new PartitionClocks();
  states.forEach((state, p) => {
    clocks.setState(p, state);
    clocks.observe(p, clocksMs[p]!);
  });
  return clocks;
}

test("PartitionClocks watermark is the minimum clock less bound less 1 ms", () => {
  const clocks = clocksOf([ACTIVE, ACTIVE], [50_000, 20_000]);
  assert.equal(clocks.watermarkMs(BOUND_MS), 18_999);
});

test("PartitionClocks holds the watermark back for an unheard partition", () => {
  const clocks = clocksOf([ACTIVE, ACTIVE], [50_000, -Infinity]);
  assert.equal(clocks.watermarkMs(BOUND_MS), -Infinity);
});

test("PartitionClocks leaves out idle, finished and absent partitions", () => {
  const states = [ACTIVE, IDLE, FINISHED, ABSENT];
  const clocks = clocksOf(states, [50_000, 1, 2, 3]);
  assert.equal(clocks.watermarkMs(BOUND_MS), 48_999);
});

test("PartitionClocks stays when all partitions are idle", () => {
  assert.equal(clocksOf([IDLE, IDLE], [1, 2]).watermarkMs(BOUND_MS), null);
  assert.equal(clocksOf([IDLE, FINISHED], [1, 2]).watermarkMs(BOUND_MS), null);
  assert.equal(new PartitionClocks().watermarkMs(BOUND_MS), null);
});

test("PartitionClocks is at +Infinity when all partitions are finished", () => {
  const clocks = clocksOf([FINISHED, ABSENT, FINISHED], [1, -Infinity, 2]);
  assert.equal(clocks.watermarkMs(BOUND_MS), Infinity);
});

test("PartitionClocks merge never moves a clock back", () => {
  const clocks = clocksOf([ACTIVE, ACTIVE], [50, 20]);
  assert.equal(clocks.merge(Float64Array.of(40, 10)), false);
  assert.equal(clocks.merge(Float64Array.of(40, 30, 5)), true);
  assert.deepEqual([...clocks.clocksMs], [50, 30, 5]);
});
