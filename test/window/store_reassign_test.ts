import assert from "node:assert/strict";
import { test } from "node:test";
import { StoreDriver } from "../support/store_driver.ts";
import type { SimpleVisit } from "../support/visit_columns_builder.ts";
import { WINDOW_STORES } from "../support/window_stores.ts";

const WINDOW = { gapMs: 600_000, allowedLatenessMs: 900_000 };
const ORIGIN_MS = Date.UTC(2024, 5, 1);

function visit(visitId: string, minute: number, partition = 0): SimpleVisit {
  const eventTime = new Date(atMinute(minute)).toISOString();
  return { visitId, eventTime, partition, offset: minute };
}

function atMinute(minute: number): number {
  return ORIGIN_MS + minute * 60_000;
}

for (const { name, create } of WINDOW_STORES) {
  const driverOf = () => new StoreDriver(create(WINDOW));
  const firingsOf = ({ firings }: StoreDriver) =>
    firings.map((it) => `${it.visitId} ${it.visits} r${it.revision}`);

  test(`${name}.reassign() forgets the sessions of dropped partitions`, () => {
    const driver = driverOf();
    driver.apply([visit("a", 0, 0), visit("b", 0, 1), visit("c", 0, 2)]);
    driver.store.reassign(new Set([0, 2]), -Infinity);
    assert.equal(driver.store.openSessions, 1);
    assert.equal(driver.store.openVisits, 1);
    assert.equal(driver.store.unfiredVisits, 1);
    driver.advanceTo(Infinity);
    assert.deepEqual(firingsOf(driver), ["b 1 r0"]);
  });

  test(`${name}.reassign() goes by the partition that opened a session`, () => {
    const driver = driverOf();
    driver.apply([visit("a", 0, 0), visit("a", 1, 1)]);
    driver.store.reassign(new Set([1]), -Infinity);
    assert.equal(driver.store.openVisits, 2);
    driver.store.reassign(new Set([0]), -Infinity);
    assert.equal(driver.store.openVisits, 0);
  });

  test(`${name} knows the sessions with visits of several partitions`, () => {
    const driver = driverOf();
    const { store } = driver;
    driver.apply([visit("a", 0, 0), visit("b", 0, 1), visit("c", 0, 2)]);
    assert.equal(store.openMixedSessions, 0);
    driver.apply([visit("a", 1, 0), visit("b", 1, 0), visit("b", 2, 2)]);
    assert.equal(store.openMixedSessions, 1);
    // Two of one partition each, and then one that a visit makes of both.
    driver.apply([visit("a", 20, 1), visit("c", 20, 2)]);
    assert.equal(store.openMixedSessions, 1);
    driver.apply([visit("a", 11, 0), visit("c", 11, 2)]);
    assert.equal(store.openMixedSessions, 2);
    store.reassign(new Set([1]), -Infinity);
    assert.equal(store.openMixedSessions, 1);
    driver.advanceTo(Infinity);
    assert.equal(store.openMixedSessions, 0);
  });

  test(`${name}.reassign() drops one of two sessions of an id`, () => {
    const driver = driverOf();
    driver.apply([visit("a", 0, 0), visit("a", 30, 1), visit("a", 60, 0)]);
    driver.store.reassign(new Set([1]), -Infinity);
    driver.apply([visit("a", 35, 0), visit("a", 65, 0)]);
    driver.advanceTo(Infinity);
    assert.deepEqual(firingsOf(driver), ["a 1 r0", "a 1 r0", "a 2 r0"]);
  });

  test(`${name}.reassign() takes the watermark back`, () => {
    const driver = driverOf();
    driver.advanceTo(atMinute(60));
    driver.store.reassign(new Set(), -Infinity);
    assert.equal(driver.store.watermarkMs, -Infinity);
    driver.apply([visit("a", 0)]);
    assert.deepEqual(driver.lateOffsets, []);
    driver.advanceTo(atMinute(10));
    assert.deepEqual(firingsOf(driver), ["a 1 r0"]);
  });

  test(`${name}.reassign() keeps in mind what has been fired`, () => {
    const driver = driverOf();
    driver.apply([visit("a", 0)]);
    driver.advanceTo(atMinute(12));
    driver.store.reassign(new Set(), -Infinity);
    driver.advanceTo(atMinute(12));
    assert.deepEqual(firingsOf(driver), ["a 1 r0"]);
    driver.store.reassign(new Set(), -Infinity);
    driver.apply([visit("a", 1), visit("a", 0)]);
    driver.advanceTo(atMinute(12));
    assert.deepEqual(firingsOf(driver), ["a 1 r0", "a 3 r1"]);
    driver.advanceTo(atMinute(60));
    assert.equal(driver.store.openSessions, 0);
  });
}
