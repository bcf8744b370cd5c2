import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_GENERATOR } from "../../src/config/generator_defaults.ts";
import { startTimeBehind } from "../../src/load/start_time.ts";

test("a load begins behind all that is open, by the rules of its job", () => {
  const clockMs = Date.UTC(2024, 5, 1, 10, 0, 30);
  const clocks = [null, clockMs - 7_000, clockMs];
  const rules = { gapMs: 4 * 3_600_000, outOfOrdernessMs: 20_000 };
  // An hour, the gap and the bound, and up to a full minute.
  const expected = Date.UTC(2024, 5, 1, 15, 1);
  assert.equal(startTimeBehind(clocks, rules), expected);
});

test("a load of an empty topic begins where the generator does", () => {
  const rules = { gapMs: 600_000, outOfOrdernessMs: 60_000 };
  const { startTimeMs } = DEFAULT_GENERATOR;
  assert.equal(startTimeBehind([null, null], rules), startTimeMs);
});
