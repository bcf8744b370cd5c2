import assert from "node:assert/strict";
import { test } from "node:test";
import { RoundClocks } from "../../src/fleet/round_clocks.ts";
import type { ShardAnswer } from "../../src/wire/orders.ts";

function answer(round: number, ...clocksMs: number[]): ShardAnswer {
  return { kind: "round", round, clocksMs: Float64Array.from(clocksMs) };
}

test("RoundClocks merges what the shards answer, and tells it when all have", () => {
  const told: [number, number[]][] = [];
  const clocks = new RoundClocks(3, (round, clocksMs) =>
    told.push([round, [...clocksMs]]),
  );
  clocks.take(0, [answer(1, 5, -Infinity), answer(2, 6, 7)]);
  clocks.take(2, [{ kind: "reassigned", assignment: 1 }, answer(1)]);
  assert.deepEqual(told, []);
  clocks.take(1, [answer(1, 4, 3, 9)]);
  assert.deepEqual(told, [[1, [5, 3, 9]]]);
  clocks.take(1, [answer(2, 8)]);
  clocks.take(2, [answer(2, 1)]);
  assert.deepEqual(told.slice(1), [[2, [8, 7]]]);
});

test("RoundClocks takes each round of a shard once, in order", () => {
  const clocks = new RoundClocks(2, () => {});
  clocks.take(0, [answer(1, 1)]);
  const message = /shard 0 to round 1: expected that to round 2/;
  assert.throws(() => clocks.take(0, [answer(1, 1)]), message);
  assert.throws(() => clocks.take(1, [answer(2, 1)]), /expected .* round 1/);
});
