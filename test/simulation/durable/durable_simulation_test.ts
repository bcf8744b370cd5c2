import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { simulateDurably } from "./durable_simulation.ts";
import { runSeed, SEED_VARIABLE } from "./run_seed.ts";

const SEEDS = 500;
/** So often each of the things that befall a run must have come about. */
const SEEN_MIN = 20;

function seeds(): number[] {
  const given = process.env[SEED_VARIABLE];
  if (given !== undefined) return [Number(given)];
  return Array.from({ length: SEEDS }, (_, at) => at + 1);
}

test("durable simulation: a reader of committed records sees each visit once", async () => {
  const total: Record<string, number> = {};
  for (const seed of seeds()) {
    const { run, ...checked } = await runSeed(seed);
    for (const [what, count] of Object.entries({ ...run.seen, ...checked })) {
      total[what] = (total[what] ?? 0) + count;
    }
  }
  if (process.env[SEED_VARIABLE] !== undefined) return;
  const things = [
    ...["kill", "freeze", "stop", "brokers away", "partition added"],
    ...["recoveries", "sessions", "late", "open"],
  ];
  for (const what of things) {
    const count = total[what] ?? 0;
    assert.ok(count >= SEEN_MIN, `only ${count} ${what}`);
  }
});

test("durable simulation: a seed is the same run again", async () => {
  for (const seed of [1, 2, 3]) {
    const first = await simulateDurably(seed);
    const second = await simulateDurably(seed);
    assert.equal(second.traceHash, first.traceHash, `seed ${seed}`);
  }
});
