import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { REASONS } from "../../src/kernel/codes.ts";
import { CLOSE_REASONS } from "../../src/window/window_store.ts";
import { StoreDriver } from "../support/store_driver.ts";
import { boundedScenario } from "../support/window_scenarios.ts";
import { WINDOW_STORES } from "../support/window_stores.ts";

test("the kernel counts as many reasons as have a name", () => {
  assert.equal(CLOSE_REASONS.length, REASONS);
});

for (const { name, create } of WINDOW_STORES) {
  test(`${name} counts the firings that it hands out, each once`, () => {
    const property = fc.property(boundedScenario, ({ parameters, steps }) => {
      const driver = new StoreDriver(create(parameters));
      let counted = 0;
      for (const step of [...steps, null]) {
        if (step === null) driver.advanceTo(Infinity);
        else if (step.kind === "visits") driver.apply(step.visits);
        else driver.advanceTo(step.watermarkMs);
        const firings = driver.firings.slice(counted);
        counted = driver.firings.length;
        const byReason = CLOSE_REASONS.map(
          (reason) => firings.filter((it) => it.closeReason === reason).length,
        );
        const revisions = firings.filter((it) => it.revision > 0).length;
        const expected = { byReason, revisions };
        assert.deepEqual(driver.store.takeFirings(), expected);
      }
      const none = CLOSE_REASONS.map(() => 0);
      const empty = { byReason: none, revisions: 0 };
      assert.deepEqual(driver.store.takeFirings(), empty);
    });
    fc.assert(property, { numRuns: 100, interruptAfterTimeLimit: 30_000 });
  });
}
