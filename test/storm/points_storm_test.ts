import assert from "node:assert/strict";
import { test } from "node:test";
import { assertStorm } from "./assert_storm.ts";
import { FEW_KILL_POINTS } from "./scenarios/kill_points.ts";

test("storm: kills amid the end of a commit lose nothing and double nothing", async () => {
  const scale = { kills: 1, workers: [1, 3] };
  const { visits } = await assertStorm(FEW_KILL_POINTS, scale);
  assert.ok(visits > 1000, `${visits}`);
});
