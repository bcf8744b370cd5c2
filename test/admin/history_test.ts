import assert from "node:assert/strict";
import { test } from "node:test";
import { History } from "../../src/admin/history.ts";
import { madeState, NOON_MS } from "./made_view.ts";

function stateAt(
  second: number,
  change: { lag?: number | null; max?: number },
) {
  const made = madeState();
  return madeState({
    nowMs: NOON_MS + second * 1_000,
    progress: {
      ...made.progress,
      ...{ visitsIn: 50 * second, lag: change.lag ?? null },
      elapsedMs: second * 1_000,
    },
    process: {
      ...made.process,
      eventLoopDelayMs: { p50: 1, p99: 2, max: change.max ?? 3 },
    },
  });
}

test("ten minutes are kept, and rates are those of each second", () => {
  const history = new History();
  for (let second = 1; second <= 700; second++) {
    history.add(stateAt(second, {}));
  }
  const { atMs, visitsPerSecond, lag } = history.columns(-Infinity);
  assert.equal(atMs.length, 600);
  assert.equal(atMs.at(0), NOON_MS + 101_000);
  assert.ok(visitsPerSecond.every((rate) => rate === 50));
  assert.ok(lag.every((each) => each === null));
  assert.equal(history.columns(NOON_MS + 690_000).atMs.length, 10);
});

test("states that come too soon have no part, but their delays count", () => {
  const history = new History();
  history.add(stateAt(1, {}));
  history.add(stateAt(1.4, { max: 90 }));
  assert.equal(history.columns(0).atMs.length, 1);
  history.add(stateAt(2, { max: 4 }));
  assert.equal(history.columns(0).atMs.length, 2);
  assert.equal(history.delayMaxMs, 90);
  for (let second = 3; second <= 63; second++) history.add(stateAt(second, {}));
  assert.equal(history.delayMaxMs, 3, "a minute later it is forgotten");
});

test("time to catch up: as the lag shrinks, none where it grows", () => {
  const falls = new History();
  const grows = new History();
  for (let second = 1; second <= 10; second++) {
    falls.add(stateAt(second, { lag: 10_000 - 100 * second }));
    grows.add(stateAt(second, { lag: 1_000 * second }));
  }
  const state = stateAt(10, { lag: 9_000 });
  assert.equal(falls.trend(state).catchUpMs, 90_000);
  assert.equal(falls.trend(state).lagTrend, "shrinking");
  assert.equal(grows.trend(state).catchUpMs, null);
  assert.equal(grows.trend(state).lagTrend, "growing");
  const even = new History();
  even.add(stateAt(1, { lag: 0 }));
  assert.equal(even.trend(stateAt(1, { lag: 0 })).catchUpMs, 0);
  assert.equal(even.trend(stateAt(1, { lag: 0 })).lagTrend, "keeping-up");
  const unheard = new History();
  unheard.add(stateAt(1, { lag: null }));
  const { lagTrend, catchUpMs } = unheard.trend(stateAt(1, { lag: null }));
  assert.deepEqual(
    { lagTrend, catchUpMs },
    { lagTrend: "unknown", catchUpMs: null },
  );
});
