import { type CheckedRun, checkDurably } from "./durable_checks.ts";
import type { DurableMutation } from "./durable_mutations.ts";
import { durablePlanOf } from "./durable_plan.ts";
import { type DurableRun, simulateDurably } from "./durable_simulation.ts";

/** Names one seed, to run it alone. */
export const SEED_VARIABLE = "SESSIONMILL_DURABLE_SEED";

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
