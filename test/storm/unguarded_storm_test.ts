import assert from "node:assert/strict";
import { test } from "node:test";
import { runStorm } from "./run_storm.ts";
import { KILLS } from "./scenarios/kills.ts";

test("storm: kills without a guarantee are shown to double sessions", async () => {
  const scale = { kills: 2, workers: [1] };
  const { faults, visits } = await runStorm(KILLS, scale, {
    ...{ name: "unguarded", seed: 3, guarantee: "none" },
    ratePerSecond: 300,
  });
  const counts = new Map(faults.map(({ check, count }) => [check, count]));
  const found = [...counts].join("\n");
  assert.ok(visits > 1000, `${visits} visits`);
  assert.ok(counts.get("session-id and revision twice")! > 20, found);
  assert.equal(counts.get("lag of the group"), 3, found);
  const unheard = [
    "acknowledged visit not in its topic",
    "visit that nobody sent",
  ];
  assert.deepEqual(
    unheard.filter((check) => counts.has(check)),
    [],
  );
});
