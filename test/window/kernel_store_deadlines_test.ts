import assert from "node:assert/strict";
import { test } from "node:test";
import { PlainStore } from "../plain/plain_store.ts";
import { StoreDriver } from "../support/store_driver.ts";
import { VerifiedStore } from "../support/verified_store.ts";

const START_MS = Date.UTC(2024, 5, 1);
const PARAMETERS = { gapMs: 10_000, allowedLatenessMs: 60_000 };

function visit(visitId: string, second: number, offset: number) {
  const eventTime = new Date(START_MS + second * 1000).toISOString();
  return { visitId, eventTime, offset };
}

/** Pages whose times do not come in order: writing them takes scratch memory. */
function disorderly(count: number) {
  return Array.from({ length: count }, (_, i) =>
    visit("b", 16 + ((i * 7) % count) / 2, 10 + i),
  );
}

// "a" has fired and waits for late visits; one comes, so that it waits for a
// nearer end, and what it waited for before is void. Then all is due at once:
// "a" fires first, and "b" before the void deadline comes up.
function fireAllAtOnce(driver: StoreDriver, count: number): void {
  driver.apply([visit("a", 0, 0)]);
  driver.advanceTo(START_MS + 10_000);
  driver.apply([visit("a", 5, 1)]);
  driver.apply(disorderly(count));
  driver.advanceTo(Infinity);
}

test("KernelStore forgets a session behind its void deadlines only", () => {
  for (let count = 3; count < 150; count++) {
    const expected = new StoreDriver(new PlainStore(PARAMETERS));
    const actual = new StoreDriver(new VerifiedStore(PARAMETERS));
    for (const driver of [expected, actual]) fireAllAtOnce(driver, count);
    assert.deepEqual(actual.firings, expected.firings);
    assert.equal(actual.store.openSessions, 0);
    assert.equal(actual.store.openVisits, 0);
  }
});
