import assert from "node:assert/strict";
import { test } from "node:test";
import { assertStorm } from "./assert_storm.ts";
import { SHARD_FAULTS } from "./scenarios/shard_faults.ts";

test("storm: a shard throws, exits, exhausts its memory, hangs: the job goes on", async () => {
  const scale = { kills: 1, workers: [2] };
  const { visits } = await assertStorm(SHARD_FAULTS, scale);
  assert.ok(visits > 1000, `${visits}`);
});
