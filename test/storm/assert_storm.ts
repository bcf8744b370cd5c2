import assert from "node:assert/strict";
import { faultText, runStorm, type StormSetting } from "./run_storm.ts";
import type { StormScale, StormScenario } from "./scenario.ts";
import type { StormResult } from "./storm.ts";

const SEEDS = 1_000_000;

/** Runs the short form of a scenario, which must leave no fault behind. */
export async function assertStorm(
  scenario: StormScenario,
  scale: StormScale,
  setting: Partial<StormSetting> = {},
): Promise<StormResult> {
  const seed = Date.now() % SEEDS;
  const told: string[] = [];
  const result = await runStorm(scenario, scale, {
    ...{ name: scenario.name, seed, guarantee: "exactly-once" },
    ratePerSecond: 300,
    tell: (text) => told.push(text),
    ...setting,
  });
  const story = `seed ${seed}\n${told.join("\n")}\n${faultText(result)}`;
  assert.deepEqual(
    result.faults.map(({ check }) => check),
    [],
    story,
  );
  return result;
}
