import assert from "node:assert/strict";
import { test } from "node:test";
import { ROUNDS_AHEAD, RoundPlan } from "../../src/watermark/round_plan.ts";

/** A plan of these partitions, with so many rounds that wait for answers. */
function planOf(partitions: readonly number[], rounds = 0): RoundPlan {
  const plan = new RoundPlan(1000);
  plan.begin(partitions);
  for (let round = 1; round <= rounds; round++) plan.close(plan.choose()!);
  return plan;
}

test("RoundPlan waits for an answer only where there is a choice", () => {
  assert.equal(planOf([0, 1], ROUNDS_AHEAD - 1).canChoose, true);
  const two = planOf([0, 1], ROUNDS_AHEAD);
  assert.equal(two.canChoose, false);
  assert.throws(() => two.choose(), /Cannot choose who fills round 5 yet/);
  two.answer(1, Float64Array.of(5000));
  assert.equal(two.canChoose, true);
  const one = planOf([7], 10);
  assert.deepEqual([one.canChoose, one.choose(), one.isOver], [true, 7, false]);
  one.finish(7);
  assert.deepEqual([one.choose(), one.isOver, one.outlook()], [null, true, []]);
});

test("RoundPlan projects clocks by the mean advance of a round", () => {
  const plan = planOf([0, 1], 4);
  // Each has had two rounds: the first one is quick, the other one slow.
  plan.answer(1, Float64Array.of(0, -Infinity));
  plan.answer(2, Float64Array.of(0, 0));
  plan.answer(3, Float64Array.of(100, 0));
  plan.answer(4, Float64Array.of(100, 30));
  const order: number[] = [];
  for (let round = 5; round <= 11; round++) {
    const partition = plan.choose()!;
    order.push(partition);
    plan.close(partition);
    const times = order.filter((each) => each === partition).length;
    const clockMs = partition === 0 ? 100 + 100 * times : 30 + 30 * times;
    const clocks = [0, 1].map((each) => (each === partition ? clockMs : 0));
    plan.answer(round, Float64Array.from(clocks));
  }
  assert.deepEqual(order, [0, 1, 0, 1, 1, 1, 1]);
  // The next ones are of the slow one, and the other one comes behind.
  assert.deepEqual(plan.outlook(), [1, 0]);
});

test("RoundPlan tells the watermark of an answered round once", () => {
  const plan = planOf([0, 1], 2);
  assert.equal(plan.takeWatermark(0), -Infinity);
  assert.deepEqual([plan.knows(0), plan.knows(1)], [true, false]);
  assert.throws(() => plan.takeWatermark(1), /Cannot tell the watermark/);
  plan.answer(1, Float64Array.of(5000, 9000));
  assert.equal(plan.takeWatermark(1), 5000 - 1000 - 1);
  assert.throws(() => plan.takeWatermark(1), /Cannot tell the watermark/);
});

test("RoundPlan refuses what cannot be", () => {
  const plan = planOf([0, 1], 2);
  const clocks = Float64Array.of(1, 1);
  const wrong = /Cannot take the answer to round/;
  for (const round of [0, 2, 3]) {
    assert.throws(() => plan.answer(round, clocks), wrong);
  }
  plan.answer(1, clocks);
  assert.throws(() => plan.answer(1, clocks), wrong);
  assert.throws(() => plan.begin([0]), /a round is filled already/);
  plan.finish(1);
  assert.throws(() => plan.finish(1), /Cannot finish partition 1 twice/);
  assert.throws(() => plan.close(5), /Cannot plan rounds of partition 5/);
});
