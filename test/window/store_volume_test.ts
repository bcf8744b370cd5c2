import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../../src/generate/random.ts";
import { PlainStore } from "../plain/plain_store.ts";
import { type DrivenFiring, StoreDriver } from "../support/store_driver.ts";
import type { SimpleVisit } from "../support/visit_columns_builder.ts";
import { WINDOW_STORES } from "../support/window_stores.ts";

const WINDOW = { gapMs: 600_000, allowedLatenessMs: 2_400_000 };
const BATCHES = 300;
const BATCH_VISITS = 60;
const KEYS = 700;
const BATCH_SECONDS = 45;

/** Sessions come and go by the thousand, so that their memory is reused. */
for (const { name, create } of WINDOW_STORES) {
  test(`${name} agrees with the plain store over many sessions`, () => {
    const expected = new StoreDriver(new PlainStore(WINDOW));
    const actual = new StoreDriver(create(WINDOW), 7);
    for (const driver of [expected, actual]) run(driver);
    assert.ok(expected.firings.length > 5000);
    assert.ok(expected.firings.some((firing) => firing.supersedes.length > 0));
    assert.ok(expected.lateOffsets.length > 100);
    assert.deepEqual(actual.lateOffsets, expected.lateOffsets);
    assert.deepEqual(byCause(actual.firings), byCause(expected.firings));
    assert.equal(actual.store.openSessions, 0);
    assert.equal(actual.store.openVisits, 0);
  });
}

function run(driver: StoreDriver): void {
  const random = new Random(1);
  for (let batch = 0; batch < BATCHES; batch++) {
    const nowMs = Date.UTC(2024, 5, 1) + batch * BATCH_SECONDS * 1000;
    const visits = Array.from({ length: BATCH_VISITS }, (_, index) =>
      drawVisit(random, nowMs, batch * BATCH_VISITS + index),
    );
    driver.apply(visits);
    if (batch % 3 === 0) driver.advanceTo(nowMs - 600_001);
  }
  driver.advanceTo(Infinity);
}

function drawVisit(random: Random, nowMs: number, offset: number): SimpleVisit {
  const key = random.below(KEYS);
  // Most are a little behind, some so far that they may be late.
  const behindMs = random.below(random.below(20) === 0 ? 8e6 : 9e5);
  return {
    visitId: `visitor-${key}${key % 5 === 0 ? "é".repeat(key % 40) : ""}`,
    eventTime: new Date(nowMs - behindMs).toISOString(),
    page: key % 7 === 0 ? null : `page-${"x".repeat(random.below(90))}`,
    userId: `user-${key}`,
    offset,
  };
}

/** Sessions with equal ends may come in any order within a step. */
function byCause(firings: readonly DrivenFiring[]): string[] {
  return firings.map((it) => JSON.stringify(it)).sort();
}
