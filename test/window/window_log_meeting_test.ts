import assert from "node:assert/strict";
import { test } from "node:test";
import { restoreFrom } from "../support/log_model.ts";
import { LoggedStore } from "../support/logged_store.ts";
import { at, GAP_MS, ORIGIN_MS, summary } from "../support/small_windows.ts";

const FIRED_MS = ORIGIN_MS + GAP_MS;

/** Two stores have had sessions of one key, and another gets both. */
function met(
  first: (logged: LoggedStore) => void,
  second: (logged: LoggedStore) => void,
  watermarkMs = -Infinity,
): LoggedStore {
  const { log } = new LoggedStore();
  for (const fill of [first, second]) {
    const logged = new LoggedStore({ log });
    fill(logged);
    logged.commit();
  }
  const both = new LoggedStore({ log, commits: 1 });
  restoreFrom(both.store, log.batches);
  both.store.reassign(new Set(), watermarkMs);
  both.store.verify();
  return both;
}

const opened = (ms: number, partition: number) => (logged: LoggedStore) =>
  logged.driver.apply([
    at(ms, { partition, offset: ms, userId: `of ${partition}` }),
  ]);
const fired = (ms: number, partition: number) => (logged: LoggedStore) => {
  opened(ms, partition)(logged);
  logged.driver.advanceTo(FIRED_MS + ms);
};

test("two open sessions of a key that touch are one when they meet", () => {
  for (const isSwapped of [false, true]) {
    const parts = [opened(0, 1), opened(GAP_MS, 2)] as const;
    const both = isSwapped ? met(parts[1], parts[0]) : met(...parts);
    assert.equal(both.store.openSessions, 1);
    assert.equal(both.store.openMixedSessions, 1);
    assert.deepEqual(both.commit(), ["put 1-0", "gone 2-10000"]);
    both.driver.advanceTo(ORIGIN_MS + 2 * GAP_MS - 2);
    assert.deepEqual(both.driver.firings, []);
    both.driver.advanceTo(ORIGIN_MS + 2 * GAP_MS - 1);
    const { value, visits, supersedes } = both.driver.firings[0]!;
    assert.deepEqual([visits, supersedes], [2, []]);
    assert.deepEqual(JSON.parse(value).user_id, ["of 2"]);
  }
});

test("two that do not touch stay two", () => {
  const both = met(opened(0, 1), opened(GAP_MS + 1, 2));
  assert.equal(both.store.openSessions, 2);
});

test("a fired and an unfired one are silent until the merged end", () => {
  const both = met(fired(0, 1), opened(5000, 2), FIRED_MS);
  both.driver.advanceTo(FIRED_MS + 4998);
  assert.deepEqual(both.driver.firings, []);
  both.driver.advanceTo(FIRED_MS + 4999);
  assert.deepEqual(summary(both.driver.firings[0]!), {
    ...{ id: "1-0", revision: 1, visits: 2, newVisits: 1 },
  });
});

test("two fired ones fire as one with the next watermark", () => {
  const both = met(fired(0, 1), fired(5000, 2), FIRED_MS + 5000);
  assert.equal(both.store.openSessions, 1);
  both.driver.advanceTo(FIRED_MS + 5000);
  const firing = both.driver.firings[0]!;
  assert.deepEqual([firing.id, firing.revision], ["1-0", 1]);
  assert.deepEqual(firing.supersedes, ["2-5000"]);
  assert.equal(firing.visits, 2);
  both.driver.advanceTo(FIRED_MS + 5001);
  assert.equal(both.driver.firings.length, 1);
});

test("one that lies inside another, and what touches only that, are one", () => {
  const long = (logged: LoggedStore) =>
    logged.driver.apply([
      at(0, { partition: 1, offset: 1 }),
      at(9000, { partition: 1, offset: 2 }),
      at(18_000, { partition: 1, offset: 3 }),
    ]);
  const inside = (logged: LoggedStore) =>
    logged.driver.apply([
      at(1000, { partition: 2, offset: 1 }),
      at(12_000, { partition: 2, offset: 2 }),
      at(28_000, { partition: 2, offset: 3 }),
    ]);
  for (const both of [met(long, inside), met(inside, long)]) {
    assert.equal(both.store.openSessions, 1);
    both.driver.advanceTo(ORIGIN_MS + 28_000 + GAP_MS - 1);
    assert.equal(both.driver.firings[0]!.visits, 6);
    assert.equal(both.driver.firings[0]!.id, "1-1");
  }
});
