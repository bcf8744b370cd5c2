import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { ToldSession, WalkPlace } from "../../src/window/session_look.ts";
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

/** A whole walk, with `between` after each slice; all that it told. */
function walk(
  store: WindowStore,
  between: (slices: number) => void = () => {},
) {
  const query = { order: "oldest", limit: 1e6 } as const;
  const told: ToldSession[] = [];
  let from: WalkPlace | null = null;
  let slices = 0;
  do {
    const answer = slice(store, query, { from });
    told.push(...answer.sessions);
    from = answer.next;
    between(++slices);
  } while (from !== null);
  return { told, slices };
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

test("a walk tells each session once, in slices", () => {
  const { store, driver } = crowded();
  const ids = Array.from({ length: 30_000 }, (_, i) => `v${i}`);
  driver.apply(ids.map((visitId) => at(0, { visitId })));
  const { told, slices } = walk(store);
  assert.equal(told.length, ids.length);
  assert.deepEqual(new Set(told.map(({ visitId }) => visitId)), new Set(ids));
  assert.ok(slices >= 20, `${slices} slices`);
});

test("whatever comes and goes, a walk tells once what was there all the time", () => {
  const property = fc.property(
    fc.record({
      kept: fc.integer({ min: 0, max: 4_000 }),
      before: fc.integer({ min: 0, max: 12_000 }),
      // What comes after each slice, and when all but the kept ones go.
      coming: fc.array(fc.nat({ max: 6_000 }), { maxLength: 6 }),
      goneAt: fc.nat({ max: 8 }),
    }),
    ({ kept, before, coming, goneAt }) => {
      const { store, driver } = crowded();
      const open = (count: number, name: string, ms: number) => {
        const visits = Array.from({ length: count }, (_, i) =>
          at(ms, { visitId: `${name}${i}` }),
        );
        driver.apply(visits);
      };
      open(kept, "kept", 10 * GAP_MS);
      open(before, "gone", 0);
      const { told } = walk(store, (slices) => {
        open(coming[slices - 1] ?? 0, `came${slices}-`, 5 * GAP_MS);
        if (slices === goneAt) advance(store, ORIGIN_MS + 8 * GAP_MS);
      });
      const ids = told.map(({ visitId }) => visitId);
      assert.equal(new Set(ids).size, ids.length, "one was told twice");
      assertStoreSound(store.kernel);
      const found = ids.filter((id) => id.startsWith("kept"));
      assert.equal(found.length, kept);
      if (goneAt > 0) return;
      const others = ids.filter((id) => id.startsWith("gone"));
      assert.equal(others.length, before);
    },
  );
  fc.assert(property, { numRuns: 60, interruptAfterTimeLimit: 60_000 });
});

test("a walk goes on over a table that has shrunk to its least, or grown much", () => {
  for (const [first, then] of [
    [40_000, "shrink"],
    [500, "grow"],
  ] as const) {
    const { store, driver } = crowded();
    const kept = Array.from({ length: 300 }, (_, i) => `kept${i}`);
    driver.apply(
      Array.from({ length: first }, (_, i) => at(0, { visitId: `v${i}` })),
    );
    driver.apply(kept.map((visitId) => at(100_000, { visitId })));
    // So small a walk is cut by hand: it begins again at any class.
    const classes = then === "grow" ? 1024 : 65_536;
    const half = classes / 2;
    const query = { order: "latest", limit: 1e6 } as const;
    const seen = new Set<string>();
    let from: WalkPlace | null = { classes, next: half };
    if (then === "shrink") advance(store, ORIGIN_MS + GAP_MS);
    else {
      driver.apply(
        Array.from({ length: 9_000 }, (_, i) => at(0, { visitId: `n${i}` })),
      );
    }
    for (const end of [classes, half]) {
      for (from ??= { classes, next: 0 }; from !== null && from.next < end; ) {
        const answer: ReturnType<typeof slice> = slice(store, query, {
          from,
        });
        for (const { visitId } of answer.sessions) {
          if (end === classes) assert.ok(!seen.has(visitId));
          seen.add(visitId);
        }
        from = answer.next;
      }
      from = null;
    }
    for (const visitId of kept) assert.ok(seen.has(visitId), visitId);
  }
});

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
