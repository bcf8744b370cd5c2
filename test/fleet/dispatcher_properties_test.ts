import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { WALL_CLOCK } from "../../src/clock.ts";
import { Dispatcher } from "../../src/fleet/dispatcher.ts";
import type { ShardRunner } from "../../src/fleet/dispatcher_parts.ts";
import { ShardPool } from "../../src/fleet/shard_pool.ts";
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
import { listChunk } from "../support/list_chunk.ts";
import { ScrambledShards } from "../support/scrambled_shards.ts";
import { shardOptions } from "../support/shard_options.ts";
import type { SimpleVisit } from "../support/visit_columns_builder.ts";

const GAP_MS = 10_000;
const BOUND_MS = 20_000;
const START_MS = Date.parse("2024-06-01T00:00:00Z");

/** One visit, and how it comes. */
interface Arrival {
  /** The visitor; decides about the partition. */
  readonly visitor: number;
  /** Time behind that of its place in the stream: disorder within the bound. */
  readonly delaySeconds: number;
  /** Time that passes in the stream before it. */
  readonly stepSeconds: number;
  /** A source batch ends behind it. */
  readonly cut: boolean;
}

const ARRIVALS = fc.array(
  fc.record({
    visitor: fc.nat(9),
    delaySeconds: fc.nat(BOUND_MS / 1000),
    stepSeconds: fc.nat(4),
    cut: fc.boolean(),
  }),
  { maxLength: 120 },
);

const PARTITIONS = 3;

/** Visits of each partition, in order, cut into batches. */
function batchesOf(arrivals: readonly Arrival[]) {
  const visits: SimpleVisit[] = [];
  const batches: { partition: number; visits: SimpleVisit[] }[] = [];
  const open = Array.from({ length: PARTITIONS }, () => [] as SimpleVisit[]);
  let nowMs = START_MS;
  for (const { visitor, delaySeconds, stepSeconds, cut } of arrivals) {
    nowMs += stepSeconds * 1000;
    const partition = visitor % PARTITIONS;
    const visit = {
      visitId: `visitor ${visitor}`,
      eventTime: new Date(nowMs - delaySeconds * 1000).toISOString(),
      page: `page ${visits.length}`,
      userId: `user ${visits.length % 7}`,
    };
    visits.push(visit);
    open[partition]!.push(visit);
    if (cut) batches.push({ partition, visits: open[partition]!.splice(0) });
  }
  open.forEach((rest, partition) => {
    batches.push({ partition, visits: rest });
  });
  return { visits, batches };
}

function allShards(shardCount: number): ShardOptions[] {
  const { window } = shardOptions();
  return Array.from({ length: shardCount }, (_, shard) =>
    shardOptions({
      shard,
      shardCount,
      window: {
        ...window,
        gapMs: GAP_MS,
        outOfOrdernessMs: BOUND_MS,
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

function chunksOf(arrivals: readonly Arrival[]) {
  const { visits, batches } = batchesOf(arrivals);
  const offsets = new Array<number>(PARTITIONS).fill(0);
  const filled = batches.filter(({ visits: some }) => some.length > 0);
  const chunks = filled.map(({ partition, visits: some }) => {
    const values = some.map((visit) =>
      JSON.stringify({
        visit_id: visit.visitId,
        event_time: visit.eventTime,
        page: visit.page,
        user_id: visit.userId,
      }),
    );
    const baseOffset = offsets[partition]!;
    offsets[partition]! += values.length;
    return listChunk(values, { partition, baseOffset });
  });
  return { visits, chunks };
}

test("Dispatcher gives the naive last forms for any cut, shards and timing", async () => {
  await fc.assert(
    fc.asyncProperty(
      ARRIVALS,
      fc.constantFrom(1, 2, 5),
      fc.integer(),
      async (arrivals, workers, seed) => {
        const { visits, chunks } = chunksOf(arrivals);
        const shards = new ScrambledShards(allShards(workers), seed);
        const forms = await drive(shards, chunks);
        assert.deepEqual(
          normalizedLastForms(forms),
          naiveLastForms(visits, GAP_MS),
        );
      },
    ),
    { numRuns: 150, interruptAfterTimeLimit: 40_000 },
  );
});

for (const workers of [1, 2, 5]) {
  test(`Dispatcher gives the naive last forms on ${workers} real threads`, async () => {
    const [arrivals] = fc.sample(
      fc.array(
        fc.record({
          visitor: fc.nat(400),
          delaySeconds: fc.nat(BOUND_MS / 1000),
          stepSeconds: fc.nat(1),
          cut: fc.boolean(),
        }),
        { minLength: 5_000, maxLength: 5_000 },
      ),
      { numRuns: 1, seed: workers },
    );
    const { visits, chunks } = chunksOf(arrivals!);
    const pool = new ShardPool(allShards(workers));
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
