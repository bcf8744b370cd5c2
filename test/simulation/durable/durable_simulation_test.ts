import assert from "node:assert/strict";
import { test } from "node:test";
import { simulateDurably } from "./durable_simulation.ts";
import { runSeeds } from "./run_seed.ts";

test("durable simulation: a reader of committed records sees each visit once", async () => {
  // Another file has as many more, at the same time.
  await runSeeds(1, 250);
});

test("durable simulation: a seed is the same run again", async () => {
  for (const seed of [1, 2, 3]) {
    const first = await simulateDurably(seed);
    const second = await simulateDurably(seed);
    assert.equal(second.traceHash, first.traceHash, `seed ${seed}`);
  }
});
