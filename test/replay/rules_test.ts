import assert from "node:assert/strict";
import { test } from "node:test";
import { inputOf, outcomesOf, type Rule } from "../support/replay_rules.ts";
import {
  type ReplayRunOptions,
  replay,
  WORKER_COUNTS,
} from "../support/replay_run.ts";
import { BRIDGING_RULES } from "./rules/bridging.ts";
import { FIRING_RULES } from "./rules/firing.ts";
import { JOINING_RULES } from "./rules/joining.ts";
import { LATENESS_RULES } from "./rules/lateness.ts";
import { METADATA_RULES } from "./rules/metadata.ts";
import { MS_PRECISION_RULES } from "./rules/ms_precision.ts";
import { NO_LATENESS_RULES } from "./rules/no_lateness.ts";
import { VALUE_RULES } from "./rules/value.ts";

const RULES: readonly Rule[] = [
  ...JOINING_RULES,
  ...FIRING_RULES,
  ...LATENESS_RULES,
  ...BRIDGING_RULES,
  ...VALUE_RULES,
  ...METADATA_RULES,
];

// Rules with the same parameters share a run: starting workers for each of
// them would take minutes.
testRules(RULES, {});
testRules(MS_PRECISION_RULES, { timePrecision: "ms" });
testRules(NO_LATENESS_RULES, { allowedLatenessMs: 0 });

function testRules(
  rules: readonly Rule[],
  window: NonNullable<ReplayRunOptions["window"]>,
): void {
  const input = inputOf(rules);
  for (const workers of WORKER_COUNTS) {
    const outcomes = replay(input, { workers, window, withMetadata: true });
    for (const [index, rule] of rules.entries()) {
      test(`${rule.name} (workers: ${workers})`, async () => {
        const outcome = outcomesOf(rules, await outcomes)[index];
        assert.deepEqual(outcome, rule.expected);
      });
    }
  }
}
