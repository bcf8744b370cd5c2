import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { lastForms } from "../reference/last_forms.ts";
import {
  at,
  GAP_MS,
  LATENESS_MS,
  ORIGIN_MS,
} from "../support/small_windows.ts";
import { type DrivenFiring, StoreDriver } from "../support/store_driver.ts";
import {
  boundedScenario,
  type Scenario,
  type ScenarioStep,
  visitsOf,
} from "../support/window_scenarios.ts";
import { WINDOW_STORES } from "../support/window_stores.ts";

const RUNS = { numRuns: 300, interruptAfterTimeLimit: 30_000 };

/** Bytes of a page of `at` as JSON, with what stands before the next. */
const PAGE_BYTES =
  `{"page": "home", "event_time": "2024-06-01T00:00:00.000Z"}, `.length;

for (const { name, create } of WINDOW_STORES) {
  const drive = (scenario: Scenario, capacity = Infinity) => {
    const driver = new StoreDriver(create(scenario.parameters), capacity);
    for (const step of scenario.steps) {
      if (step.kind === "visits") driver.apply(step.visits);
      else driver.advanceTo(step.watermarkMs);
    }
    driver.advanceTo(Infinity);
    return driver;
  };
  const driver = (bounds: {
    readonly refireBytesMax?: number;
    readonly sessionBytesMax?: number;
  }) => {
    const window = { gapMs: GAP_MS, allowedLatenessMs: LATENESS_MS };
    return new StoreDriver(create({ ...window, ...bounds }));
  };

  test(`${name} with bounds loses no visit and counts none twice`, () => {
    check((scenario) => {
      const { firings, lateOffsets, fullOffsets, store } = drive(scenario);
      assert.equal(store.openVisits, 0);
      const notIn = lateOffsets.length + fullOffsets.length;
      const all = visitsOf(scenario).length;
      assert.equal(sum(firings.map((it) => it.newVisits)) + notIn, all);
      assert.equal(sum(lastForms(firings).map((it) => it.visits)) + notIn, all);
    });
  });

  test(`${name} with bounds puts out no more of a session than they say`, () => {
    check((scenario) => {
      const { refireBytesMax, sessionBytesMax } = scenario.parameters;
      const { firings } = drive(scenario);
      for (const firing of firings) {
        assert.ok(pagesBytes(firing) <= sessionBytesMax!);
      }
      for (const ofOneId of Map.groupBy(firings, (it) => it.id).values()) {
        const again = ofOneId.slice(1).filter((it) => !it.final);
        assert.ok(sum(again.map(pagesBytes)) <= refireBytesMax!);
        assert.ok(ofOneId.slice(0, -1).every((it) => !it.final));
      }
    });
  });

  test(`${name} with bounds does the same whatever the cuts and the output's room`, () => {
    fc.assert(
      fc.property(boundedScenario, fc.integer({ min: 1, max: 4 }), (it, n) => {
        const whole = drive(it);
        const cut = drive(cutIntoSingles(it), n);
        assert.deepEqual(
          cut.firings.map(dropStep),
          whole.firings.map(dropStep),
        );
        assert.deepEqual(cut.lateOffsets, whole.lateOffsets);
        assert.deepEqual(cut.fullOffsets, whole.fullOffsets);
      }),
      RUNS,
    );
  });

  test(`${name} holds late visits back when firing for each has become dear`, () => {
    const storm = driver({ refireBytesMax: 20 * PAGE_BYTES });
    storm.apply([at(0), at(1)]);
    const endMs = ORIGIN_MS + GAP_MS;
    storm.advanceTo(endMs + 10);
    storm.apply(Array.from({ length: 10 }, () => at(1)));
    storm.advanceTo(endMs + LATENESS_MS - 1);
    assert.equal(storm.store.unfiredVisits, 7);
    storm.advanceTo(endMs + LATENESS_MS);
    // Firings before, times pages: 1 * 3, 2 * 4 and 3 * 5 are within 20.
    assert.deepEqual(storm.firings.map(told), [
      ["gap", 2, 2, -1, false],
      ["late-update", 3, 1, 0, false],
      ["late-update", 4, 1, 1, false],
      ["late-update", 5, 1, 2, false],
      ["late-update", 12, 7, -1, true],
    ]);
    assert.deepEqual(storm.lateOffsets, []);
    assert.equal(storm.store.openSessions, 0);
  });

  test(`${name} fires what it has held back at the end of the input`, () => {
    const storm = driver({ refireBytesMax: 0 });
    storm.apply([at(0)]);
    storm.advanceTo(ORIGIN_MS + GAP_MS);
    storm.apply([at(1)]);
    storm.advanceTo(Infinity);
    assert.deepEqual(storm.firings.map(told), [
      ["gap", 1, 1, -1, false],
      ["end-of-input", 2, 1, -1, true],
    ]);
  });

  test(`${name} holds back a session that swallows one that was held back`, () => {
    const storm = driver({ refireBytesMax: 3 * PAGE_BYTES });
    storm.apply([at(0), at(15_000)]);
    storm.advanceTo(ORIGIN_MS + 25_000);
    storm.apply([at(15_000), at(7_000), at(7_000)]);
    storm.advanceTo(ORIGIN_MS + 25_000 + LATENESS_MS);
    assert.deepEqual(storm.firings.map(told), [
      ["gap", 1, 1, -1, false],
      ["gap", 1, 1, -1, false],
      ["late-update", 2, 1, 0, false],
      ["late-update", 5, 2, -1, true],
    ]);
    assert.deepEqual(storm.firings.at(-1)!.supersedes, ["0-1"]);
  });

  test(`${name} rejects what a full session has no room for, and goes on`, () => {
    const full = driver({ sessionBytesMax: 3 * PAGE_BYTES });
    full.apply([
      at(0),
      at(1000),
      at(2000, { page: "home!" }),
      at(2000),
      at(3000, { visitId: "b" }),
      // Has not put off the end of its session.
      at(3000),
      at(12_001),
    ]);
    assert.deepEqual(full.fullOffsets, [2, 5]);
    full.advanceTo(Infinity);
    assert.deepEqual(
      full.firings.map(({ visitId, visits }) => [visitId, visits]),
      [
        ["a", 3],
        ["b", 1],
        ["a", 1],
      ],
    );
  });

  test(`${name} rejects a visit that would join two sessions into too large a one`, () => {
    const full = driver({ sessionBytesMax: 4 * PAGE_BYTES });
    full.apply([at(0), at(0), at(15_000), at(15_000), at(7_000), at(3_000)]);
    assert.deepEqual(full.fullOffsets, [4]);
    assert.equal(full.store.openSessions, 2);
    full.advanceTo(Infinity);
    assert.deepEqual(
      full.firings.map(({ visits, supersedes }) => [visits, supersedes.length]),
      [
        [3, 0],
        [2, 0],
      ],
    );
  });

  test(`${name} calls a visit late before it calls its session full`, () => {
    const full = driver({ sessionBytesMax: 0 });
    full.advanceTo(ORIGIN_MS + GAP_MS + LATENESS_MS - 1);
    full.apply([at(0), at(1)]);
    assert.deepEqual([full.lateOffsets, full.fullOffsets], [[0], [1]]);
  });
}

test("KernelStore with bounds agrees with the plain store on every firing", () => {
  const [plain, kernel] = WINDOW_STORES.map(({ create }) => create);
  check((scenario) => {
    const [expected, actual] = [plain!, kernel!].map((create) => {
      const driver = new StoreDriver(create(scenario.parameters));
      for (const step of scenario.steps) {
        if (step.kind === "visits") driver.apply(step.visits);
        else driver.advanceTo(step.watermarkMs);
      }
      driver.advanceTo(Infinity);
      return driver;
    });
    assert.deepEqual(inOneOrder(actual!), inOneOrder(expected!));
    assert.deepEqual(actual!.lateOffsets, expected!.lateOffsets);
    assert.deepEqual(actual!.fullOffsets, expected!.fullOffsets);
  });
});

function check(predicate: (scenario: Scenario) => void): void {
  fc.assert(fc.property(boundedScenario, predicate), RUNS);
}

function told(it: DrivenFiring): unknown[] {
  return [it.closeReason, it.visits, it.newVisits, it.causeOffset, it.final];
}

/** Bytes of the pages of a firing, each with what stands before the next. */
function pagesBytes({ value }: DrivenFiring): number {
  const pages = /"visited_pages": \[\[(.*)\]\], "user_id"/s.exec(value)![1]!;
  return `${pages}, `.length;
}

/** Sessions that are due at the same time may come in any order within a step. */
function inOneOrder({ firings }: StoreDriver): DrivenFiring[] {
  const key = (it: DrivenFiring) => `${it.endMs} ${it.visitId} ${it.id}`;
  return firings.toSorted((a, b) => {
    const isOnArrival = a.causeOffset >= 0 || b.causeOffset >= 0;
    if (a.step !== b.step || isOnArrival) return a.step - b.step;
    return key(a) < key(b) ? -1 : 1;
  });
}

function cutIntoSingles({ steps, parameters }: Scenario): Scenario {
  const singles = steps.flatMap((step): ScenarioStep[] =>
    step.kind === "visits"
      ? step.visits.map((visit) => ({ ...step, visits: [visit] }))
      : [step],
  );
  return { parameters, steps: singles };
}

function dropStep({ step: _, ...firing }: DrivenFiring): object {
  return firing;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
