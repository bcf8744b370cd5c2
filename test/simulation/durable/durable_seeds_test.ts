import { test } from "node:test";
import { runSeeds } from "./run_seed.ts";

test("durable simulation: so it is with as many other seeds", async () => {
  await runSeeds(251, 250);
});
