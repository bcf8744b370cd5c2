import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import fc from "fast-check";
import {
  shardOptions as optionsOf,
  type ShardOptions,
} from "../../src/shard/shard_options.ts";
import {
  normalizedLastForms,
  type SessionForm,
} from "../reference/last_forms.ts";
import { naiveLastForms } from "../reference/naive_sessionizer.ts";
import {
  ARRIVALS_BOUND_MS,
  ARRIVALS_GAP_MS,
  ARRIVALS_PARTITIONS,
  arrivals,
  batchesOf,
} from "../support/arrivals.ts";
import { createdPool } from "../support/created_pool.ts";
import { CommittedRun, DurableLife } from "../support/durable_life.ts";
import { ScrambledShards } from "../support/scrambled_shards.ts";
import { shardOptions } from "../support/shard_options.ts";
import type { SimpleVisit } from "../support/visit_columns_builder.ts";

/** What happens between two batches of the input. */
const HAPPENINGS = fc.array(
  fc.record({
    what: fc.constantFrom("barrier", "barrier", "nothing", "back", "crash"),
    turns: fc.nat(8),
    /** Shards of the life after a crash. */
    workers: fc.integer({ min: 1, max: 4 }),
    renewedBytes: fc.constantFrom(0, 0, 300, 10_000),
  }),
  { minLength: 10, maxLength: 60 },
);

/** The options of shards that keep their changes. */
function durableOptions(workers: number): ShardOptions[] {
  const { window } = shardOptions();
  const fleet = { workers, outputLimitBytes: 16 * 1024 };
  return optionsOf(fleet, {
    ...shardOptions(),
    window: {
      ...window,
      gapMs: ARRIVALS_GAP_MS,
      outOfOrdernessMs: ARRIVALS_BOUND_MS,
      allowedLatenessMs: 1,
    },
    encoder: { format: "lines", withMetadata: true, withOrder: false },
    keepsChanges: true,
  });
}

/** Checks that each form is there once, and that all are as if nothing had been. */
function assertForms(forms: readonly SessionForm[], visits: SimpleVisit[]) {
  assert.deepEqual(
    normalizedLastForms(forms),
    naiveLastForms(visits, ARRIVALS_GAP_MS),
  );
  const ids = forms.map(({ id, revision }) => `${id} ${revision}`);
  assert.equal(new Set(ids).size, ids.length, "a form is there twice");
}

test("a run that goes back to its last barrier ends as one that never did", async () => {
  await fc.assert(
    fc.asyncProperty(
      arrivals({ maxLength: 120 }, { visitor: 9, stepSeconds: 4 }),
      HAPPENINGS,
      fc.integer(),
      async (all, happenings, seed) => {
        const { visits, batches } = batchesOf(all);
        const committed = new CommittedRun();
        const createLife = (workers: number, lifeSeed: number) => {
          const options = durableOptions(workers);
          const shards = new ScrambledShards(options, lifeSeed);
          return new DurableLife(shards, committed, batches);
        };
        let life = createLife(2, seed);
        await life.restore();
        for (const [step, happening] of happenings.entries()) {
          const { what, turns, workers, renewedBytes } = happening;
          if (!life.isAtEnd) life.deal();
          life.dispatcher.expectRecords(turns % 2 === 0);
          life.dispatcher.pump();
          for (let i = 0; i < turns; i++) await nextTurn();
          if (what === "crash") {
            life.kill();
            life = createLife(workers, seed + step);
            await life.restore();
          } else if (what === "back") {
            await life.committed();
            await life.restore();
          } else if (what === "barrier" && !life.isBarrierOpen) {
            const beforeCommit = committed.commit - 1;
            const renewals = Array.from(
              { length: ARRIVALS_PARTITIONS },
              (_, p) => {
                return { partition: p, beforeCommit, bytes: renewedBytes };
              },
            );
            life.barrier(renewedBytes === 0 ? [] : renewals);
          }
        }
        await life.committed();
        while (!life.isAtEnd) life.deal();
        await life.finish();
        assertForms(committed.forms, visits);
      },
    ),
    { numRuns: 60, timeout: 15_000, interruptAfterTimeLimit: 40_000 },
  );
});

test("a run goes on where other threads have left it", async () => {
  const [all] = fc.sample(
    arrivals(
      { minLength: 4_000, maxLength: 4_000 },
      { visitor: 300, stepSeconds: 1 },
    ),
    { numRuns: 1, seed: 5 },
  );
  const { visits, batches } = batchesOf(all!);
  const committed = new CommittedRun();
  for (const [nth, workers] of [2, 3, 1].entries()) {
    const pool = await createdPool(durableOptions(workers));
    try {
      const life = new DurableLife(pool, committed, batches);
      await life.restore();
      const isLast = nth === 2;
      const stopAt = isLast ? Infinity : (batches.length * (nth + 1)) / 3;
      for (let dealt = committed.nextBatch; dealt < stopAt; dealt++) {
        if (life.isAtEnd) break;
        life.deal();
        life.dispatcher.pump();
        if (!life.isBarrierOpen) life.barrier([]);
        await nextTurn();
      }
      await life.committed();
      if (isLast) await life.finish();
      life.kill();
    } finally {
      await pool.destroy();
    }
    assert.ok(committed.commit > nth, `${committed.commit} commits`);
  }
  assertForms(committed.forms, visits);
});
