import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { WALL_CLOCK } from "../../src/clock.ts";
import { Dispatcher } from "../../src/fleet/dispatcher.ts";
import type { ShardRunner } from "../../src/fleet/dispatcher_parts.ts";
import { Tally } from "../../src/pipeline/tally.ts";
import type { Chunk } from "../../src/record/chunk.ts";
import type { ShardOptions } from "../../src/shard/shard_options.ts";
import { ACTIVE, FINISHED } from "../../src/watermark/partition_state.ts";
import {
  formOfLine,
  normalizedLastForms,
  type SessionForm,
} from "../reference/last_forms.ts";
import { naiveLastForms } from "../reference/naive_sessionizer.ts";
import {
  ARRIVALS_BOUND_MS,
  ARRIVALS_GAP_MS,
  ARRIVALS_PARTITIONS,
  type Arrival,
  arrivals,
  batchesOf,
} from "../support/arrivals.ts";
import { createdPool } from "../support/created_pool.ts";
import { listChunk } from "../support/list_chunk.ts";
import { ScrambledShards } from "../support/scrambled_shards.ts";
import { shardOptions } from "../support/shard_options.ts";

const ARRIVALS = arrivals({ maxLength: 120 }, { visitor: 9, stepSeconds: 4 });
const PARTITIONS = ARRIVALS_PARTITIONS;
const GAP_MS = ARRIVALS_GAP_MS;

function allShards(shardCount: number): ShardOptions[] {
  const { window } = shardOptions();
  return Array.from({ length: shardCount }, (_, shard) =>
    shardOptions({
      shard,
      shardCount,
      window: {
        ...window,
        gapMs: GAP_MS,
        outOfOrdernessMs: ARRIVALS_BOUND_MS,
        // Without it a visit exactly at the bound can miss a session it touches.
        allowedLatenessMs: 1,
      },
      encoder: { format: "lines", withMetadata: true, withOrder: false },
      keepLate: true,
      keepRejected: true,
    }),
  );
}

/** Runs chunks through shards, asserting what must always hold. */
async function drive(
  shards: ShardRunner,
  chunks: readonly Chunk[],
): Promise<SessionForm[]> {
  const tally = new Tally();
  const forms: SessionForm[] = [];
  let watermarkMs = -Infinity;
  const dispatcher = new Dispatcher(
    shards,
    {
      // Some chunks are small, others are not.
      sharedRecordsMax: 8,
      inFlightLimitBytes: 1 << 20,
      outputLimitBytes: 1 << 20,
      watermarks: "merged",
      ...{ topic: "visits", keepsRecords: true },
      clock: WALL_CLOCK,
    },
    {
      onReport: async (report) => {
        tally.add(report.shard, report.envelope);
        assert.ok(dispatcher.watermarkMs >= watermarkMs, "watermark regressed");
        watermarkMs = dispatcher.watermarkMs;
        for (const { bytes } of report.chunks()) {
          const lines = Buffer.from(bytes).toString().trimEnd().split("\n");
          forms.push(...lines.map(formOfLine));
        }
      },
      onFailure() {},
    },
  );
  for (let p = 0; p < PARTITIONS; p++) dispatcher.setState(p, ACTIVE);
  let routed = 0;
  for (const chunk of chunks) {
    routed += chunk.count;
    dispatcher.dealer.deal(chunk);
    dispatcher.pump();
    await dispatcher.capacity();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await dispatcher.dealer.handedOn();
  for (let p = 0; p < PARTITIONS; p++) dispatcher.setState(p, FINISHED);
  dispatcher.pump();
  await dispatcher.quiet();
  tally.assertConservation(routed);
  assert.equal(tally.count("late"), 0, "a visit within the bound was late");
  assert.equal(tally.gauge("openSessions"), 0);
  assert.equal(dispatcher.watermarkMs, Infinity);
  return forms;
}

function chunksOf(all: readonly Arrival[]) {
  const { visits, batches } = batchesOf(all);
  const chunks = batches.map((batch) => listChunk(batch.values, batch));
  return { visits, chunks };
}

test("Dispatcher gives the naive last forms for any cut, shards and timing", async () => {
  await fc.assert(
    fc.asyncProperty(
      ARRIVALS,
      fc.constantFrom(1, 2, 5),
      fc.integer(),
      async (all, workers, seed) => {
        const { visits, chunks } = chunksOf(all);
        const shards = new ScrambledShards(allShards(workers), seed);
        const forms = await drive(shards, chunks);
        assert.deepEqual(
          normalizedLastForms(forms),
          naiveLastForms(visits, GAP_MS),
        );
      },
    ),
    { numRuns: 150, timeout: 15_000, interruptAfterTimeLimit: 40_000 },
  );
});

for (const workers of [1, 2, 5]) {
  test(`Dispatcher gives the naive last forms on ${workers} real threads`, async () => {
    const [all] = fc.sample(
      arrivals(
        { minLength: 5_000, maxLength: 5_000 },
        { visitor: 400, stepSeconds: 1 },
      ),
      { numRuns: 1, seed: workers },
    );
    const { visits, chunks } = chunksOf(all!);
    const pool = await createdPool(allShards(workers));
    try {
      const forms = await drive(pool, chunks);
      assert.deepEqual(
        normalizedLastForms(forms),
        naiveLastForms(visits, GAP_MS),
      );
    } finally {
      await pool.destroy();
    }
  });
}
