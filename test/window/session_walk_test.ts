import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  OPEN_KEY,
  OPEN_KEY_LENGTH,
  WALK_OLDEST,
} from "../../src/kernel/codes.ts";
import type { WalkPlace } from "../../src/window/session_look.ts";
import type { WindowStore } from "../../src/window/window_store.ts";
import { CollectingOutput } from "../support/collecting_output.ts";
import {
  assertStoreSound,
  createDebugKernel,
} from "../support/debug_kernel.ts";
import { LendingStore } from "../support/lending_store.ts";
import { slice } from "../support/looked_store.ts";
import { at, drive, GAP_MS, ORIGIN_MS } from "../support/small_windows.ts";
import { StoreDriver } from "../support/store_driver.ts";

/** A whole walk in goes of so many looks, with `between` after each of them. */
function walk(
  { kernel }: LendingStore,
  looks: number,
  between: (goes: number) => void = () => {},
) {
  const { calls } = kernel;
  const classes = calls.slotCount();
  const visitIds: string[] = [];
  let goes = 0;
  for (let next = 0; next < classes; next = kernel.calls.walkedTo()) {
    if (goes > 0) between(goes);
    goes++;
    kernel.calls.beginWalk(classes, next, looks, WALK_OLDEST);
    for (;;) {
      const session = kernel.calls.nextWalked(-Infinity);
      if (session === 0) break;
      kernel.calls.tellOf(session);
      const at = kernel.open[OPEN_KEY]!;
      const end = at + kernel.open[OPEN_KEY_LENGTH]!;
      visitIds.push(kernel.bytes.toString("latin1", at, end));
    }
  }
  return { visitIds, goes };
}

/** A store of the debug build for crowds: it is walked when a test says so. */
function crowded() {
  const parameters = { gapMs: GAP_MS, allowedLatenessMs: 0 };
  const store = new LendingStore(parameters, createDebugKernel());
  return { store, driver: new StoreDriver(store) };
}

/** Moves the watermark, however much work that is. */
function advance(store: WindowStore, watermarkMs: number): void {
  const out = new CollectingOutput(Infinity);
  while (!store.advanceTo(watermarkMs, out)) assert.ok(!out.isFull);
}

/** Opens sessions with one visit each, named so and numbered. */
function open(
  driver: StoreDriver,
  of: { count: number; name: string; ms: number },
) {
  const { count, name, ms } = of;
  const visitIds = Array.from({ length: count }, (_, i) => `${name}${i}`);
  driver.apply(visitIds.map((visitId) => at(ms, { visitId })));
}

test("a list of all sessions comes in slices, each session once", () => {
  const { store, driver } = crowded();
  open(driver, { count: 50_000, name: "v", ms: 0 });
  const told: string[] = [];
  const query = { order: "oldest", limit: 1e6 } as const;
  let slices = 0;
  for (let from: WalkPlace | null = null; ; slices++) {
    const answer: ReturnType<typeof slice> = slice(store, query, { from });
    told.push(...answer.sessions.map(({ visitId }) => visitId));
    from = answer.next;
    if (from === null) break;
  }
  assert.equal(told.length, 50_000);
  assert.equal(new Set(told).size, 50_000);
  assert.ok(slices > 10, `${slices} slices`);
});

test("whatever comes and goes, a walk tells once what was there all the time", () => {
  const property = fc.property(
    fc.record({
      looks: fc.integer({ min: 1, max: 2_000 }),
      kept: fc.nat({ max: 800 }),
      before: fc.nat({ max: 6_000 }),
      // What comes after each go, and when all but the kept ones go.
      coming: fc.array(fc.nat({ max: 3_000 }), { maxLength: 6 }),
      goneAt: fc.nat({ max: 8 }),
    }),
    ({ looks, kept, before, coming, goneAt }) => {
      const { store, driver } = crowded();
      open(driver, { count: kept, name: "kept", ms: 10 * GAP_MS });
      open(driver, { count: before, name: "gone", ms: 0 });
      let isGone = false;
      const { visitIds } = walk(store, looks, (goes) => {
        const count = coming[goes - 1] ?? 0;
        open(driver, { count, name: `came${goes}-`, ms: 5 * GAP_MS });
        if (goes !== goneAt) return;
        isGone = true;
        advance(store, ORIGIN_MS + 8 * GAP_MS);
      });
      assertStoreSound(store.kernel);
      assert.equal(new Set(visitIds).size, visitIds.length, "told twice");
      const told = (name: string) =>
        visitIds.filter((id) => id.startsWith(name)).length;
      assert.equal(told("kept"), kept);
      if (!isGone) assert.equal(told("gone"), before);
    },
  );
  fc.assert(property, { numRuns: 100, interruptAfterTimeLimit: 40_000 });
});

for (const [how, change] of [
  [
    "grown 16 times",
    ({ driver }) => open(driver, { count: 9_000, name: "n", ms: 0 }),
  ],
  ["shrunk to an eighth", ({ store }) => advance(store, ORIGIN_MS + GAP_MS)],
] as [string, (of: ReturnType<typeof crowded>) => void][]) {
  test(`a walk goes on over a table that has ${how}`, () => {
    const made = crowded();
    const { store, driver } = made;
    const count = how.startsWith("grown") ? 200 : 9_000;
    open(driver, { count, name: "v", ms: 0 });
    open(driver, { count: 300, name: "kept", ms: 100_000 });
    const slots = store.kernel.calls.slotCount();
    const { visitIds, goes } = walk(store, 64, (goes) => {
      if (goes === 5) change(made);
    });
    const ratio = store.kernel.calls.slotCount() / slots;
    assert.ok(ratio === 16 || ratio === 1 / 8, `${ratio}`);
    assert.ok(goes > 10);
    const kept = visitIds.filter((id) => id.startsWith("kept"));
    assert.equal(kept.length, 300);
    assert.equal(new Set(visitIds).size, visitIds.length);
  });
}

test("only what ranks above what is known is told", () => {
  const driver = drive();
  const ids = [0, 1, 2, 3, 4, 5].map((i) => at(i * 100, { visitId: `v${i}` }));
  driver.apply(ids);
  const above = -(ORIGIN_MS + 300);
  const query = { order: "oldest", limit: 10 } as const;
  const { sessions } = slice(driver.store, query, { above });
  assert.deepEqual(
    sessions.map(({ visitId }) => visitId),
    ["v0", "v1", "v2"],
  );
});
