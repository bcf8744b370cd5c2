import assert from "node:assert/strict";
import process from "node:process";
import { type CheckedRun, checkDurably } from "./durable_checks.ts";
import type { DurableMutation } from "./durable_mutations.ts";
import { durablePlanOf } from "./durable_plan.ts";
import { type DurableRun, simulateDurably } from "./durable_simulation.ts";

/** Names one seed, to run it alone. */
const SEED_VARIABLE = "SESSIONMILL_DURABLE_SEED";

/** A run that is as it should be, and what it has shown. */
export interface CheckedSeed extends CheckedRun {
  readonly run: DurableRun;
}

/** Runs a seed and checks it; a failure names it. */
export async function runSeed(
  seed: number,
  mutation?: DurableMutation,
): Promise<CheckedSeed> {
  try {
    const plan = durablePlanOf(seed);
    const run = await simulateDurably(seed, mutation?.bend?.(plan) ?? plan);
    return { run, ...(await checkDurably(run)) };
  } catch (error) {
    throw new Error(`${SEED_VARIABLE}=${seed} shows it again`, {
      cause: error,
    });
  }
}

/** So often each of the things that befall a run must have come about. */
const SEEN_MIN = 10;
const THINGS = [
  ...["kill", "freeze", "stop", "brokers away", "partition added"],
  ...["recoveries", "sessions", "late", "open"],
];

/** Runs so many seeds, or the one that the environment names. */
export async function runSeeds(from: number, count: number): Promise<void> {
  const given = process.env[SEED_VARIABLE];
  if (given !== undefined) {
    await runSeed(Number(given));
    return;
  }
  const total: Record<string, number> = {};
  for (let seed = from; seed < from + count; seed++) {
    const { run, ...checked } = await runSeed(seed);
    for (const [what, times] of Object.entries({ ...run.seen, ...checked })) {
      total[what] = (total[what] ?? 0) + times;
    }
  }
  for (const what of THINGS) {
    const times = total[what] ?? 0;
    assert.ok(times >= SEEN_MIN, `only ${times} ${what}`);
  }
}
