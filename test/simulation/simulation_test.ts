import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { Dealer } from "../../src/fleet/dealer.ts";
import { ShardLink } from "../../src/fleet/shard_link.ts";
import { Assignment } from "../../src/pipeline/assignment.ts";
import { PartitionClocks } from "../../src/watermark/partition_clocks.ts";
import { ACTIVE } from "../../src/watermark/partition_state.ts";
import { KernelStore } from "../../src/window/kernel_store.ts";
import { checkRun } from "./checks.ts";
import { testMutations } from "./mutations.ts";
import { simulate } from "./simulation.ts";

/** Names one seed, to run it alone. */
const SEED_VARIABLE = "SESSIONMILL_SIMULATION_SEED";
const SEEDS = 100;
/** Other seeds that have shown something once. */
const SHOWN = [339, 349, 640, 983];

function seeds(): number[] {
  const given = process.env[SEED_VARIABLE];
  if (given !== undefined) return [Number(given)];
  return [...Array.from({ length: SEEDS }, (_, at) => at + 1), ...SHOWN];
}

/** Runs a seed; a failure names it. */
async function runSeed(seed: number) {
  try {
    const run = await simulate(seed);
    checkRun(run);
    return run;
  } catch (error) {
    throw new Error(`${SEED_VARIABLE}=${seed} shows it again`, {
      cause: error,
    });
  }
}

test("simulation: every seed keeps every visit, all order and all bounds", async () => {
  const seen = {
    exact: 0,
    failed: 0,
    dropped: 0,
    late: 0,
    stopped: 0,
    mixed: 0,
    anew: 0,
  };
  for (const seed of seeds()) {
    const { plan, summary } = await runSeed(seed);
    if (plan.isExact && summary.sessions > 0) seen.exact++;
    if (summary.outcome === "failed") seen.failed++;
    if (summary.outcome === "stopped") seen.stopped++;
    if (summary.dropped > 0) seen.dropped++;
    if (plan.anewAtMs !== null && summary.sessions > 0) seen.anew++;
    if (summary.late > 0) seen.late++;
    if (summary.mixedSessions > 0 && summary.dropped > 0) seen.mixed++;
  }
  if (process.env[SEED_VARIABLE] !== undefined) return;
  // The seeds have come across all that they are meant to try.
  for (const [what, count] of Object.entries(seen)) {
    assert.ok(count >= 5, `only ${count} ${what}`);
  }
});

test("simulation: a seed is the same run again", async () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const first = await simulate(seed);
    const second = await simulate(seed);
    assert.equal(second.traceHash, first.traceHash, `seed ${seed}`);
  }
  const hashes = [await simulate(6), await simulate(7)];
  assert.notEqual(hashes[0]!.traceHash, hashes[1]!.traceHash);
});

/** Guards of the product, each with what it is like without it. */
const MUTATIONS = [
  {
    name: "the fastest partition moves the watermark",
    apply: () => {
      const { prototype } = PartitionClocks;
      const { watermarkMs } = prototype;
      prototype.watermarkMs = function (outOfOrdernessMs) {
        const active = this.clocksMs.filter(
          (_, partition) => this.states[partition] === ACTIVE,
        );
        if (active.length === 0) {
          return watermarkMs.call(this, outOfOrdernessMs);
        }
        return Math.max(...active) - outOfOrdernessMs - 1;
      };
      return () => {
        prototype.watermarkMs = watermarkMs;
      };
    },
  },
  {
    // The wait before an assignment that takes windows is a second guard.
    name: "reports of an older assignment count, and nobody waits for them",
    apply: () => {
      const wait = Assignment.prototype.takesWindows;
      Assignment.prototype.takesWindows = () => false;
      const { prototype } = ShardLink;
      const name = "isOfAssignment";
      const guard = Object.getOwnPropertyDescriptor(prototype, name)!;
      Object.defineProperty(prototype, name, { ...guard, get: () => true });
      return () => {
        Object.defineProperty(prototype, name, guard);
        Assignment.prototype.takesWindows = wait;
      };
    },
  },
  {
    name: "partitions are kept although sessions have visits of several",
    apply: () => {
      const { prototype } = KernelStore;
      const name = "mixedSessions";
      const guard = Object.getOwnPropertyDescriptor(prototype, name)!;
      Object.defineProperty(prototype, name, { ...guard, get: () => 0 });
      return () => Object.defineProperty(prototype, name, guard);
    },
  },
  {
    name: "the end of a partition does not wait for its last chunks",
    apply: () => {
      const { prototype } = Dealer;
      const { behind } = prototype;
      prototype.behind = (work) => work();
      return () => {
        prototype.behind = behind;
      };
    },
  },
  {
    name: "windows of a revoked partition stay",
    apply: () => {
      const { prototype } = KernelStore;
      const { reassign } = prototype;
      prototype.reassign = function (_dropped, watermarkMs) {
        reassign.call(this, new Set(), watermarkMs);
      };
      return () => {
        prototype.reassign = reassign;
      };
    },
  },
];

testMutations(MUTATIONS, { seeds: SEEDS, runSeed });
