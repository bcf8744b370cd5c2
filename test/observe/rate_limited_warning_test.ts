import assert from "node:assert/strict";
import { test } from "node:test";
import { RateLimitedWarning } from "../../src/observe/rate_limited_warning.ts";

test("RateLimitedWarning writes the first, holds the next, then counts them", () => {
  const { warning, clock, written } = createWarning();
  warning.warn("bad", { offset: 1 });
  warning.warn("bad", { offset: 2 });
  warning.hold(5);
  clock.nowMs += 999;
  warning.warn("bad", { offset: 3 });
  clock.nowMs += 1;
  warning.warn("worse", { offset: 4 });
  assert.deepEqual(written, [
    ["bad", { offset: 1 }],
    ["worse, and 7 more before it", { offset: 4 }],
  ]);
});

test("RateLimitedWarning.flush() writes what is held back", () => {
  const { warning, written } = createWarning();
  warning.flush();
  warning.warn("bad", { offset: 1 });
  warning.flush();
  warning.warn("bad", { offset: 2 });
  warning.warn("bad", { offset: 3 });
  warning.flush();
  assert.deepEqual(written, [
    ["bad", { offset: 1 }],
    ["bad, and 1 more before it", { offset: 3 }],
  ]);
});

test("RateLimitedWarning.isDue says whether a warning would be written", () => {
  const { warning, clock } = createWarning();
  assert.equal(warning.isDue, true);
  warning.warn("bad");
  assert.equal(warning.isDue, false);
  clock.nowMs += 1000;
  assert.equal(warning.isDue, true);
});

function createWarning() {
  const clock = { nowMs: 0 };
  const written: [string, object][] = [];
  const log = {
    warn: (fields: object, message: string) => {
      written.push([message, fields]);
    },
  };
  const nowMs = () => clock.nowMs;
  const warning = new RateLimitedWarning(log, { intervalMs: 1000, nowMs });
  return { warning, clock, written };
}
