import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { DurableShards, outputOf } from "../support/durable_shards.ts";
import { StoreDriver } from "../support/store_driver.ts";
import { VerifiedStore } from "../support/verified_store.ts";
import {
  boundedScenario,
  everyScenario,
  type Scenario,
  type ScenarioStep,
} from "../support/window_scenarios.ts";

const RUNS = { numRuns: 120, interruptAfterTimeLimit: 30_000 };
const PARTITIONS = 3;

/** What happens behind each step. */
const event = fc.record({
  commits: fc.boolean(),
  bytesMax: fc.constantFrom(1, 100, 1e9),
  renewedCommits: fc.constantFrom(0, 0, 1, 3),
  renewedBytes: fc.constantFrom(1, 300, 1e9),
  behind: fc.constantFrom("nothing", "restart", "go back", "go back"),
  shardCount: fc.integer({ min: 1, max: 3 }),
});

const run = fc.record({
  scenario: fc.oneof(everyScenario, boundedScenario),
  events: fc.array(event, { minLength: 13, maxLength: 13 }),
  shardCount: fc.integer({ min: 1, max: 3 }),
  recordBytes: fc.constantFrom(64, 70, 150, 300, 512 * 1024),
  /** Visits of an id come from one partition, from two, or from any. */
  spread: fc.constantFrom(0, 2, PARTITIONS),
});

test("a store that is restored from its log does as one that never was", () => {
  fc.assert(
    fc.property(run, ({ events, spread, shardCount, recordBytes, ...rest }) => {
      const scenario = withPartitions(rest.scenario, spread);
      const { parameters, steps } = scenario;
      const expected = new VerifiedStore(parameters);
      const driver = new StoreDriver(expected);
      const shards = new DurableShards(parameters, shardCount, recordBytes);
      for (const [index, step] of [...steps, END].entries()) {
        follow(driver, step);
        assert.deepEqual(shards.do(step), outputOf([driver]));
        assertCounts(shards, expected);
        const happens = events[index % events.length]!;
        if (!happens.commits) continue;
        shards.commit(happens);
        if (happens.behind === "restart") shards.restart(happens.shardCount);
        if (happens.behind === "go back") shards.goBack(steps[index + 1]);
        assertCounts(shards, expected);
      }
      assert.equal(expected.openSessions, 0);
    }),
    RUNS,
  );
});

const END: ScenarioStep = { kind: "watermark", watermarkMs: Infinity };

function follow(driver: StoreDriver, step: ScenarioStep): void {
  if (step.kind === "visits") driver.apply(step.visits);
  else driver.advanceTo(step.watermarkMs);
}

function withPartitions(scenario: Scenario, spread: number): Scenario {
  const steps = scenario.steps.map((step) =>
    step.kind === "watermark"
      ? step
      : {
          ...step,
          visits: step.visits.map((visit) => {
            const ofKey = visit.visitId.charCodeAt(0);
            const own = spread === 0 ? 0 : (visit.offset! * 7) % spread;
            return { ...visit, partition: (ofKey + own) % PARTITIONS };
          }),
        },
  );
  return { ...scenario, steps };
}

function assertCounts(shards: DurableShards, expected: VerifiedStore): void {
  assert.deepEqual(shards.counts, {
    sessions: expected.openSessions,
    visits: expected.openVisits,
    unfired: expected.unfiredVisits,
    mixed: expected.openMixedSessions,
  });
}
