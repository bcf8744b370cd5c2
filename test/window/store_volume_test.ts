import assert from "node:assert/strict";
import { test } from "node:test";
import { PlainStore } from "../plain/plain_store.ts";
import { type DrivenFiring, StoreDriver } from "../support/store_driver.ts";
import { CROWD_WINDOW, driveCrowd } from "../support/visit_crowd.ts";
import { WINDOW_STORES } from "../support/window_stores.ts";

/** Sessions come and go by the thousand, so that their memory is reused. */
for (const { name, create } of WINDOW_STORES) {
  test(`${name} agrees with the plain store over many sessions`, () => {
    const expected = new StoreDriver(new PlainStore(CROWD_WINDOW));
    const actual = new StoreDriver(create(CROWD_WINDOW), 7);
    for (const driver of [expected, actual]) driveCrowd(driver);
    assert.ok(expected.firings.length > 5000);
    assert.ok(expected.firings.some((firing) => firing.supersedes.length > 0));
    assert.ok(expected.lateOffsets.length > 100);
    assert.deepEqual(actual.lateOffsets, expected.lateOffsets);
    assert.deepEqual(byCause(actual.firings), byCause(expected.firings));
    assert.equal(actual.store.openSessions, 0);
    assert.equal(actual.store.openVisits, 0);
  });
}

/** Sessions with equal ends may come in any order within a step. */
function byCause(firings: readonly DrivenFiring[]): string[] {
  return firings.map((it) => JSON.stringify(it)).sort();
}
