import assert from "node:assert/strict";
import { test } from "node:test";
import { simulateDurably } from "./durable_simulation.ts";
import { runSeed, runSeeds } from "./run_seed.ts";

test("durable simulation: a reader of committed records sees each visit once", async () => {
  // Another file has as many more, at the same time.
  await runSeeds(1, 250);
});

test("durable simulation: seeds in which a late request to join takes a seat", async () => {
  // One of the process before, which was killed, and one of this process.
  for (const seed of [122_208, 202_071]) await runSeed(seed);
});

test("durable simulation: seeds in which a process still knows the topic before", async () => {
  // It joins before the topic is made anew, and gets what others have committed.
  for (const seed of [406_271, 406_571]) await runSeed(seed);
});

test("durable simulation: a seed is the same run again", async () => {
  for (const seed of [1, 2, 3]) {
    const first = await simulateDurably(seed);
    const second = await simulateDurably(seed);
    assert.equal(second.traceHash, first.traceHash, `seed ${seed}`);
  }
});
