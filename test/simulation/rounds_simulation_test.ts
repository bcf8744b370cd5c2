import assert from "node:assert/strict";
import { test } from "node:test";
import { RoundPlan } from "../../src/watermark/round_plan.ts";
import { checkRun } from "./checks.ts";
import { testMutations } from "./mutations.ts";
import { type Plan, roundsPlanOf } from "./plan.ts";
import { type SimulatedRun, simulate } from "./simulation.ts";

const SEEDS = 30;
const GENERATION_TIME = /"generation_time": "[^"]*"/;

/** All that was put out, but for its order and when it was made. */
function resultOf({ sessions, late, deadLetters }: SimulatedRun): string {
  const lines = sessions.lines.map((line) => line.replace(GENERATION_TIME, ""));
  const parts = [lines, late.values, deadLetters.values];
  return parts.map((each) => each.toSorted().join("\n")).join("\n\n");
}

/** The same plan under other conditions: nothing of the input is another. */
function variantsOf(plan: Plan): Plan[] {
  const slow = { source: 1000, shard: 300, sink: 500 };
  return [
    { ...plan, workers: 1 },
    { ...plan, workers: 2, slowness: { source: 1, shard: 1, sink: 1 } },
    { ...plan, workers: 3, slowness: slow },
  ];
}

/** Runs a seed under all conditions; throws when one result is another. */
async function runSeed(seed: number): Promise<SimulatedRun> {
  const runs: SimulatedRun[] = [];
  for (const [index, plan] of variantsOf(roundsPlanOf(seed)).entries()) {
    const run = await simulate(seed + index * 1000, plan);
    checkRun(run);
    runs.push(run);
  }
  const [first, ...others] = runs;
  for (const other of others) {
    assert.equal(resultOf(other), resultOf(first!), `seed ${seed}`);
  }
  return first!;
}

test("simulation: a run by rounds has one result, whatever comes by chance", async () => {
  const seen = { late: 0, refired: 0, mixed: 0, partitions: 0 };
  for (let seed = 1; seed <= SEEDS; seed++) {
    const { plan, summary, sessions } = await runSeed(seed);
    if (summary.late > 0) seen.late++;
    if (summary.mixedSessions > 0) seen.mixed++;
    if (plan.logs.length > 2) seen.partitions++;
    const isRefired = (line: string) => line.includes('"late-update"');
    if (sessions.lines.some(isRefired)) seen.refired++;
  }
  for (const [what, count] of Object.entries(seen)) {
    assert.ok(count >= 2, `only ${count} ${what}`);
  }
});

/** What would make the result depend on time. */
const MUTATIONS = [
  {
    name: "whose turn it is rests on all answers that are in",
    apply: () => {
      const { prototype } = RoundPlan;
      const guard = Object.getOwnPropertyDescriptor(prototype, "canChoose")!;
      Object.defineProperty(prototype, "canChoose", { get: () => true });
      return () => Object.defineProperty(prototype, "canChoose", guard);
    },
  },
  {
    name: "the watermark is that of the last answer",
    apply: () => {
      const { prototype } = RoundPlan;
      const { takeWatermark, answer } = prototype;
      const last = new WeakMap<RoundPlan, number>();
      prototype.answer = function (round, clocksMs) {
        answer.call(this, round, clocksMs);
        last.set(this, takeWatermark.call(this, round));
      };
      prototype.takeWatermark = function (round) {
        return round < 1 ? -Infinity : last.get(this)!;
      };
      return () => Object.assign(prototype, { takeWatermark, answer });
    },
  },
];

testMutations(MUTATIONS, { seeds: SEEDS, runSeed });
