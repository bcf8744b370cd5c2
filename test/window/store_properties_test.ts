import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { lastForms, normalizedLastForms } from "../reference/last_forms.ts";
import { naiveLastForms } from "../reference/naive_sessionizer.ts";
import { type DrivenFiring, StoreDriver } from "../support/store_driver.ts";
import {
  everyScenario,
  punctualScenario,
  type Scenario,
  type ScenarioStep,
  visitsOf,
} from "../support/window_scenarios.ts";
import { WINDOW_STORES } from "../support/window_stores.ts";

// Without a limit, making a failing example small can take minutes.
const RUNS = { numRuns: 200, interruptAfterTimeLimit: 30_000 };

for (const { name, create } of WINDOW_STORES) {
  const drive = (scenario: Scenario, capacity = Infinity) =>
    driveAll(new StoreDriver(create(scenario.parameters), capacity), scenario);

  test(`${name} gives the last forms of the naive sessionizer`, () => {
    check(punctualScenario, (scenario) => {
      const driver = drive(scenario);
      driver.advanceTo(Infinity);
      assert.deepEqual(driver.lateOffsets, []);
      const { gapMs } = scenario.parameters;
      assert.deepEqual(
        normalizedLastForms(driver.firings),
        naiveLastForms(visitsOf(scenario), gapMs),
      );
    });
  });

  test(`${name} loses no visit and counts none twice`, () => {
    check(everyScenario, (scenario) => {
      const driver = drive(scenario);
      assertConserved(driver, visitsOf(scenario).length);
      driver.advanceTo(Infinity);
      assertConserved(driver, visitsOf(scenario).length);
      assert.equal(driver.store.openSessions, 0);
      assert.equal(driver.store.openVisits, 0);
      const emitted = sum(lastForms(driver.firings).map((it) => it.visits));
      const late = driver.lateOffsets.length;
      assert.equal(emitted + late, visitsOf(scenario).length);
    });
  });

  test(`${name} counts the revisions of an id up by one until the final`, () => {
    check(everyScenario, (scenario) => {
      const driver = drive(scenario);
      driver.advanceTo(Infinity);
      for (const ofOneId of Map.groupBy(
        driver.firings,
        (it) => it.id,
      ).values()) {
        assertRevisions(ofOneId);
      }
      assertSupersededAreSilent(driver.firings);
    });
  });

  test(`${name} fires in the order of ends, with the causing watermark`, () => {
    check(everyScenario, (scenario) => {
      const driver = drive(scenario);
      driver.advanceTo(Infinity);
      for (const firing of driver.firings) assertCause(firing, scenario);
      for (const ofOneStep of Map.groupBy(
        driver.firings.filter((it) => it.closeReason !== "late-update"),
        (it) => it.step,
      ).values()) {
        const ends = ofOneStep.map((firing) => firing.endMs);
        assert.deepEqual(
          ends,
          ends.toSorted((a, b) => a - b),
        );
      }
    });
  });

  test(`${name} does the same whatever the batch cuts and the output's room`, () => {
    fc.assert(
      fc.property(
        everyScenario,
        fc.integer({ min: 1, max: 4 }),
        (scenario, n) => {
          const whole = drive(scenario);
          const cut = drive(cutIntoSingles(scenario), n);
          assert.deepEqual(
            cut.firings.map(dropStep),
            whole.firings.map(dropStep),
          );
          assert.deepEqual(cut.lateOffsets, whole.lateOffsets);
        },
      ),
      RUNS,
    );
  });

  test(`${name} agrees with the plain store on every firing`, () => {
    const plain = WINDOW_STORES[0]!;
    check(everyScenario, (scenario) => {
      const expected = driveAll(
        new StoreDriver(plain.create(scenario.parameters)),
        scenario,
      );
      const actual = drive(scenario);
      for (const driver of [expected, actual]) driver.advanceTo(Infinity);
      assert.deepEqual(inOneOrder(actual), inOneOrder(expected));
      assert.deepEqual(actual.lateOffsets, expected.lateOffsets);
    });
  });
}

function check(
  scenarios: fc.Arbitrary<Scenario>,
  predicate: (scenario: Scenario) => void,
): void {
  fc.assert(fc.property(scenarios, predicate), RUNS);
}

function driveAll(driver: StoreDriver, scenario: Scenario): StoreDriver {
  for (const step of scenario.steps) {
    if (step.kind === "visits") driver.apply(step.visits);
    else driver.advanceTo(step.watermarkMs);
  }
  return driver;
}

function cutIntoSingles(scenario: Scenario): Scenario {
  const steps = scenario.steps.flatMap((step): ScenarioStep[] =>
    step.kind === "visits"
      ? step.visits.map((visit) => ({ ...step, visits: [visit] }))
      : [step],
  );
  return { ...scenario, steps };
}

function assertConserved(driver: StoreDriver, visitsIn: number): void {
  const emitted = sum(driver.firings.map((firing) => firing.newVisits));
  const { unfiredVisits } = driver.store;
  assert.equal(emitted + unfiredVisits + driver.lateOffsets.length, visitsIn);
}

function assertRevisions(firings: readonly DrivenFiring[]): void {
  let revision = -1;
  let supersedes: readonly string[] = [];
  for (const firing of firings) {
    const merged = firing.supersedes.length > supersedes.length;
    if (merged) assert.ok(firing.revision > revision);
    else assert.equal(firing.revision, revision + 1);
    const isKept = (id: string) => firing.supersedes.includes(id);
    assert.ok(supersedes.every(isKept), "a firing names all ids swallowed");
    ({ revision, supersedes } = firing);
  }
  const finals = firings.slice(0, -1).filter((firing) => firing.final);
  assert.deepEqual(finals, [], "no firing follows the final one");
}

function assertSupersededAreSilent(firings: readonly DrivenFiring[]): void {
  const superseded = new Set<string>();
  for (const firing of firings) {
    assert.ok(!superseded.has(firing.id), "a swallowed session fires no more");
    for (const id of firing.supersedes) superseded.add(id);
  }
}

function assertCause(firing: DrivenFiring, scenario: Scenario): void {
  const { watermarkMs, endMs, value } = firing;
  const { watermark } = JSON.parse(value).data_processing_context;
  const goneAtMs = endMs - 1 + scenario.parameters.allowedLatenessMs;
  assert.ok(watermarkMs >= endMs - 1);
  assert.equal(firing.final, watermarkMs >= goneAtMs);
  assert.equal(firing.closeReason === "late-update", firing.causeOffset >= 0);
  if (watermarkMs === Infinity) {
    assert.equal(watermark, "9999-12-31T23:59:59.999999+00:00");
    assert.equal(firing.closeReason, "end-of-input");
  } else {
    assert.equal(Date.parse(watermark), watermarkMs);
    assert.notEqual(firing.closeReason, "end-of-input");
  }
}

/** Sessions with equal ends may come in any order within a step. */
function inOneOrder(driver: StoreDriver): DrivenFiring[] {
  const isOnArrival = (firing: DrivenFiring) => firing.causeOffset >= 0;
  return driver.firings.toSorted((a, b) =>
    a.step !== b.step || isOnArrival(a) || isOnArrival(b)
      ? a.step - b.step
      : a.endMs - b.endMs || (a.visitId < b.visitId ? -1 : 1),
  );
}

function dropStep({ step: _, ...firing }: DrivenFiring): object {
  return firing;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
