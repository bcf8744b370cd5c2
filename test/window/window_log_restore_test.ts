import assert from "node:assert/strict";
import { test } from "node:test";
import { restoreFrom } from "../support/log_model.ts";
import { LoggedStore } from "../support/logged_store.ts";
import {
  at,
  GAP_MS,
  LATENESS_MS,
  ORIGIN_MS,
  summary,
} from "../support/small_windows.ts";
import type { DrivenFiring } from "../support/store_driver.ts";
import type { SimpleVisit } from "../support/visit_columns_builder.ts";

const FIRED_MS = ORIGIN_MS + GAP_MS;

/** What a firing says that is not of its moment. */
function told({ step: _, ...firing }: DrivenFiring): object {
  return firing;
}

/** Both do the same from here on. */
function assertAlike(a: LoggedStore, b: LoggedStore, visits: SimpleVisit[]) {
  for (const { driver } of [a, b]) {
    driver.firings.length = 0;
    driver.apply(visits);
    driver.advanceTo(Infinity);
  }
  assert.ok(a.driver.firings.length > 0);
  assert.deepEqual(b.driver.firings.map(told), a.driver.firings.map(told));
}

test("a session comes back with its fired state, ids and user", () => {
  const logged = new LoggedStore();
  const { driver } = logged;
  driver.apply([
    at(0, { userId: "first" }),
    at(GAP_MS + 2000, { userId: "x".repeat(300) }),
  ]);
  driver.advanceTo(ORIGIN_MS + 2 * GAP_MS + 2000);
  driver.apply([at(5000, { offset: 2, userId: null, page: null })]);
  logged.commit();
  driver.apply([at(6000, { offset: 3, userId: "last" })]);
  logged.commit();
  const restored = logged.restored();
  assert.equal(restored.store.openVisits, 4);
  assert.equal(restored.store.unfiredVisits, 0);
  restored.driver.apply([at(7000, { offset: 4, userId: "later" })]);
  const firing = restored.driver.firings[0]!;
  assert.deepEqual(summary(firing), {
    ...{ id: "0-0", revision: 3, visits: 5, newVisits: 1 },
  });
  assert.deepEqual(firing.supersedes, ["0-1"]);
  assertAlike(logged.restored(), logged.restored(), [at(8000, { offset: 5 })]);
});

test("a start that moves back comes back", () => {
  const logged = new LoggedStore();
  logged.driver.apply([at(0)]);
  logged.commit();
  logged.driver.apply([at(-GAP_MS, { offset: 1 })]);
  assert.deepEqual(logged.commit(), ["grow 0-0"]);
  // It touches the session only as that now begins.
  assertAlike(logged, logged.restored(), [at(-2 * GAP_MS, { offset: 2 })]);
});

test("several sessions of a key come back in their order", () => {
  const logged = new LoggedStore();
  logged.driver.apply([at(60_000), at(0), at(120_000), at(30_000), at(90_000)]);
  logged.commit();
  const restored = logged.restored();
  assert.equal(restored.store.openSessions, 5);
  const visits = [at(5000), at(36_000), at(82_000), at(110_000), at(40_001)];
  assertAlike(
    logged,
    restored,
    visits.map((visit, index) => ({ ...visit, offset: 10 + index })),
  );
});

test("a mixed session comes back as one", () => {
  const logged = new LoggedStore();
  logged.driver.apply([at(0), at(0, { visitId: "b", offset: 1 })]);
  logged.commit();
  logged.driver.apply([at(1, { partition: 1, offset: 5 })]);
  assert.equal(logged.commitRecords()[0]!.isMixed, true);
  const restored = logged.restored();
  assert.equal(restored.store.openMixedSessions, 1);
  assert.equal(restored.store.mixedSessions, 1);
  logged.store.renew(0, 3, Infinity);
  logged.commit();
  assert.equal(logged.restored().store.openMixedSessions, 1);
});

test("only the sessions of a shard come back, marks are passed over", () => {
  const logged = new LoggedStore();
  // More than are listed at a time.
  const visits = Array.from({ length: 500 }, (_, offset) =>
    at(0, { visitId: `visitor ${offset}`, offset }),
  );
  logged.driver.apply(visits);
  logged.commit();
  logged.log.batches.push({
    ...{ partition: 0, commit: 1, count: 1 },
    records: Buffer.from([16, 0, 0, 0, 1, 4, 0x7b, 0x7d, 0]),
  });
  const shards = [0, 1, 2].map((shard) => {
    const { store } = new LoggedStore();
    restoreFrom(store, logged.log.batches, { shard, shardCount: 3 });
    store.reassign(new Set(), -Infinity);
    return store.openSessions;
  });
  assert.ok(shards.every((sessions) => sessions > 0));
  assert.equal(
    shards.reduce((a, b) => a + b),
    500,
  );
});

test("a restored session goes on in the log from where it was", () => {
  const logged = new LoggedStore();
  logged.driver.apply([at(0), at(1)]);
  logged.commit();
  const restored = logged.restored();
  assert.deepEqual(restored.commit(), []);
  restored.driver.apply([at(2, { offset: 2 })]);
  assert.deepEqual(restored.commit(), ["grow 0-0"]);
  assertAlike(restored, restored.restored(), [at(3, { offset: 3 })]);
});

test("clear() forgets all, and what was to be written", () => {
  const logged = new LoggedStore();
  const { store, driver } = logged;
  const many = Array.from({ length: 3000 }, (_, offset) =>
    at(offset, { visitId: `visitor ${offset}`, offset }),
  );
  driver.apply(many);
  store.exportChanges(1, 100);
  assert.ok(store.changeBytes > 0);
  store.clear();
  assert.equal(store.changeBytes, 0);
  assert.deepEqual([store.openSessions, store.openVisits], [0, 0]);
  store.reassign(new Set(), -Infinity);
  assert.deepEqual(logged.commit(), []);
  driver.advanceTo(Infinity);
  assert.deepEqual(driver.firings, []);
});

test("a restore keeps all lateness: what is gone is gone, what is not is not", () => {
  const logged = new LoggedStore();
  logged.driver.apply([at(0)]);
  logged.driver.advanceTo(FIRED_MS - 1 + LATENESS_MS - 1);
  logged.commit();
  const restored = logged.restored();
  restored.driver.apply([at(1, { offset: 1 })]);
  assert.equal(restored.driver.firings.length, 1);
  restored.driver.advanceTo(FIRED_MS + LATENESS_MS);
  restored.driver.apply([at(1, { offset: 2 })]);
  assert.deepEqual(restored.driver.lateOffsets, [2]);
});
