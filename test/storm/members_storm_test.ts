import { test } from "node:test";
import { assertStorm } from "./assert_storm.ts";
import { LATE_JOIN, SAME_NAME, ZOMBIE } from "./scenarios/processes.ts";

const SCALE = { kills: 1, workers: [1] };

test("storm: a process that slept while others took over commits nothing", async () => {
  await assertStorm(ZOMBIE, SCALE);
});

test("storm: of two processes with one name, one ends with a sentence", async () => {
  await assertStorm(SAME_NAME, SCALE);
});

test("storm: a process takes its seat back from one that was killed as it joined", async () => {
  await assertStorm(LATE_JOIN, SCALE);
});
