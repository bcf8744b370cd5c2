import assert from "node:assert/strict";
import { test } from "node:test";
import { assertStorm } from "./assert_storm.ts";
import { KILLS } from "./scenarios/kills.ts";

test("storm: ten kills lose nothing and double nothing, on 1 and 3 workers", async () => {
  const scale = { kills: 10, workers: [1, 3] };
  const { visits, sessions } = await assertStorm(KILLS, scale);
  assert.ok(visits > 3000 && sessions > 300, `${visits}, ${sessions}`);
});
