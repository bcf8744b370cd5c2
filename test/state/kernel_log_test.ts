import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { LogState } from "../../src/window/window_changes.ts";
import { DurableShards } from "../support/durable_shards.ts";
import { valuesOf } from "../support/log_record.ts";
import { everyScenario } from "../support/window_scenarios.ts";
import { accountOf, mark, PARTITION } from "./log_records.ts";

const event = fc.record({
  bytesMax: fc.constantFrom(1, 100, 1e9),
  renewedCommits: fc.constantFrom(0, 1, 3),
  renewedBytes: fc.constantFrom(300, 1e9),
  restarts: fc.boolean(),
});

const run = fc.record({
  scenario: everyScenario,
  events: fc.array(event, { minLength: 7, maxLength: 7 }),
  shardCount: fc.integer({ min: 1, max: 3 }),
  recordBytes: fc.constantFrom(64, 150, 512 * 1024),
});

test("what shards write of their windows is a log in order, with what is open", () => {
  fc.assert(
    fc.property(run, ({ scenario, events, shardCount, recordBytes }) => {
      const { parameters, steps } = scenario;
      const shards = new DurableShards(parameters, shardCount, recordBytes);
      for (const [index, step] of steps.entries()) {
        shards.do(inPartition(step));
        const happens = events[index % events.length]!;
        shards.commit(happens);
        const isLast = index === steps.length - 1;
        if (isLast || happens.restarts) checkLog(shards, index + 1);
        if (happens.restarts) shards.restart(1 + (index % 3));
      }
    }),
    { numRuns: 15, interruptAfterTimeLimit: 20_000 },
  );
});

type Step = Parameters<DurableShards["do"]>[0];

function inPartition(step: Step): Step {
  if (step.kind === "watermark") return step;
  const visits = step.visits.map((visit) => ({
    ...visit,
    partition: PARTITION,
  }));
  return { ...step, visits };
}

/** Marks behind each commit make a log of what the shards have written. */
function checkLog(shards: DurableShards, commits: number): void {
  const values: Buffer[] = [];
  const starts: number[] = [];
  for (let commit = 1; commit <= commits; commit++) {
    starts[commit] = values.length;
    for (const batch of shards.log.batches) {
      if (batch.commit === commit) values.push(...valuesOf(batch));
    }
    values.push(mark(commit, { offset: 1e9 }));
  }
  const [state] = shards.states as [LogState?];
  const from = state ? starts[state.oldestCommit]! : values.length - 1;
  const committed = { offset: 1e9, commit: commits, from };
  const account = accountOf(values, { committed });
  assert.deepEqual(account.problems, []);
  const open = [...account.sessions.entries()];
  assert.equal(open.length, shards.counts.sessions);
  // The store counts what stands around the values as well.
  const liveBytes = open.reduce((sum, [, each]) => sum + each.byteLength, 0);
  const stored = state?.liveBytes ?? 0;
  assert.ok(liveBytes <= stored && liveBytes >= stored / 2, `${liveBytes}`);
  for (const [, { startMs }] of open) assert.ok(Number.isInteger(startMs));
}
