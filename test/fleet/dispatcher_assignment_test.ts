import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { WALL_CLOCK } from "../../src/clock.ts";
import { Dispatcher } from "../../src/fleet/dispatcher.ts";
import { Tally } from "../../src/pipeline/tally.ts";
import { shardOptions as optionsOf } from "../../src/shard/shard_options.ts";
import { ACTIVE, FINISHED, IDLE } from "../../src/watermark/partition_state.ts";
import { listChunk } from "../support/list_chunk.ts";
import { ScrambledShards } from "../support/scrambled_shards.ts";
import { shardOptions } from "../support/shard_options.ts";

const LIMIT_BYTES = 1 << 20;
const START_MS = Date.parse("2024-06-01T00:00:00Z");
const PARTITIONS = 2;

/** What happens next to a partition. */
const EVENTS = fc.array(
  fc.record({
    kind: fc.constantFrom("records", "records", "records", "idle", "reassign"),
    partition: fc.nat(PARTITIONS - 1),
    /** Minutes since the start; they jump to and fro. */
    minute: fc.nat(600),
    waits: fc.boolean(),
  }),
  { maxLength: 40 },
);

test("Dispatcher begins assignments amid traffic, and no time goes back in one", async () => {
  await fc.assert(
    fc.asyncProperty(
      EVENTS,
      fc.constantFrom(1, 3),
      fc.integer(),
      async (events, workers, seed) => {
        const fleet = { workers, outputLimitBytes: LIMIT_BYTES };
        const shards = new ScrambledShards(
          optionsOf(fleet, shardOptions()),
          seed,
        );
        const tally = new Tally();
        const dispatcher = new Dispatcher(
          shards,
          {
            sharedRecordsMax: seed % 2 === 0 ? 0 : 1000,
            inFlightLimitBytes: LIMIT_BYTES,
            outputLimitBytes: LIMIT_BYTES,
            watermarks: "merged",
            ...{ topic: "visits", keepsRecords: false },
            clock: WALL_CLOCK,
          },
          {
            onReport: async (report) =>
              tally.add(report.shard, report.envelope),
            onFailure() {},
          },
        );
        let routed = 0;
        for (let p = 0; p < PARTITIONS; p++) dispatcher.setState(p, ACTIVE);
        for (const { kind, partition, minute, waits } of events) {
          if (kind === "idle") dispatcher.setState(partition, IDLE);
          else dispatcher.setState(partition, ACTIVE);
          if (kind === "reassign") {
            dispatcher.dealer.behind(() =>
              dispatcher.reassign({ dropped: [partition], topicId: null }),
            );
          }
          if (kind === "records") {
            const event_time = new Date(START_MS + minute * 60_000);
            const values = ["a", "b", "c", "d"].map((visit_id) =>
              JSON.stringify({ visit_id, event_time }),
            );
            const place = { partition, baseOffset: routed };
            dispatcher.dealer.deal(listChunk(values, place));
            routed += values.length;
          }
          // What waits is still there when the next assignment begins.
          dispatcher.expectRecords(waits);
          dispatcher.pump();
          await new Promise((resolve) => setImmediate(resolve));
        }
        await dispatcher.dealer.handedOn();
        for (let p = 0; p < PARTITIONS; p++) dispatcher.setState(p, FINISHED);
        dispatcher.expectRecords(false);
        dispatcher.pump();
        await dispatcher.quiet();
        tally.assertConservation(routed);
        assert.equal(dispatcher.watermarkMs, Infinity);
        assert.equal(tally.gauge("openSessions"), 0);
      },
    ),
    { numRuns: 80, timeout: 15_000, interruptAfterTimeLimit: 30_000 },
  );
});
