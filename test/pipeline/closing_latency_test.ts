import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { WALL_CLOCK } from "../../src/clock.ts";
import { ShardReport } from "../../src/fleet/shard_report.ts";
import { DurabilityMeters } from "../../src/observe/durability_meters.ts";
import { CommitGate } from "../../src/pipeline/commit_gate.ts";
import { Delivery } from "../../src/pipeline/delivery.ts";
import { RunMeters } from "../../src/pipeline/run_meters.ts";
import { createShard } from "../../src/shard/create_shard.ts";
import type { EncoderOptions } from "../../src/sink/encode/session_encoder.ts";
import type { SessionSink } from "../../src/sink/sink.ts";
import { plainTask } from "../support/plain_task.ts";
import { shardOptions } from "../support/shard_options.ts";
import { SILENT_LOG } from "./fake_parts.ts";

const LINES: EncoderOptions = {
  ...{ format: "lines", withMetadata: false, withOrder: false },
};
/** The visit that moved the watermark past the end was fetched then, ms. */
const FETCHED_AT_MS = 1_000;
const REPORTED_AT_MS = 1_010;
const ACKNOWLEDGED_AT_MS = 1_030;
const COMMITTED_AT_MS = 1_400;

/** Delivers a report with one session to a sink that takes its time. */
async function deliverOne(holds: boolean | null, { isApplied = true } = {}) {
  let nowMs = REPORTED_AT_MS;
  const clock = { ...WALL_CLOCK, nowMs: () => nowMs };
  const acknowledged = Promise.withResolvers<void>();
  const sessions: SessionSink = {
    async open() {},
    write: () => acknowledged.promise,
    async close() {},
  };
  const gate =
    holds === null
      ? null
      : new CommitGate({ shardCount: 1, holds, log: async () => {} });
  gate?.open();
  const durability = new DurabilityMeters();
  const meters = new RunMeters(clock, durability);
  const outputs = { sessions, encoder: LINES, late: null, deadLetters: null };
  const delivery = new Delivery({ ...outputs, sender: null }, meters, {
    ...{ topic: "visits", log: SILENT_LOG, clock, gate },
  });
  const shard = createShard(shardOptions({ encoder: LINES }));
  const visit = '{"visit_id":"v","event_time":"2024-06-01T00:00:00Z"}';
  shard.handle(plainTask({ sequence: 1 }, [Buffer.from(visit)]));
  const mergedWatermarkMs = Date.UTC(2024, 6);
  const report = shard.handle(plainTask({ sequence: 2, mergedWatermarkMs }));
  const task = { sequence: 2, runs: [], held: [], shared: [], sentAtMs: nowMs };
  const tasks = [{ ...task, watermarkCauseMs: FETCHED_AT_MS }];
  const delivered = delivery.deliver(
    new ShardReport(0, { ...report, threadCpuMs: 0 }),
    { applied: isApplied ? tasks : [], touched: tasks },
  );
  nowMs = ACKNOWLEDGED_AT_MS;
  acknowledged.resolve();
  await delivered;
  const latencies = () => ({
    closing: meters.histograms.closing!.percentiles(),
    visibility: durability.histograms.visibility.percentiles(),
  });
  return {
    latencies,
    async commit() {
      nowMs = COMMITTED_AT_MS;
      gate?.release();
      await nextTurn();
    },
    written: () => meters.progress(0).sessions,
  };
}

test("closing latency ends with the acknowledgement, visibility with the transaction", async () => {
  const { latencies, commit, written } = await deliverOne(true);
  const before = latencies();
  assert.equal(before.closing.count, 1);
  assert.equal(before.closing.maxMs, ACKNOWLEDGED_AT_MS - FETCHED_AT_MS);
  assert.equal(before.visibility.count, 0);
  // Nobody may count on it before.
  assert.equal(written(), 0);
  await commit();
  const { closing, visibility } = latencies();
  assert.equal(closing.count, 1);
  assert.equal(visibility.count, 1);
  assert.equal(visibility.maxMs, COMMITTED_AT_MS - FETCHED_AT_MS);
  assert.equal(written(), 1);
});

for (const holds of [false, null]) {
  const name = holds === null ? "no commits" : "at-least-once";
  test(`closing latency with ${name} is the same, and there is no visibility`, async () => {
    const { latencies, commit, written } = await deliverOne(holds);
    await commit();
    const { closing, visibility } = latencies();
    assert.equal(closing.maxMs, ACKNOWLEDGED_AT_MS - FETCHED_AT_MS);
    assert.equal(visibility.count, 0);
    assert.equal(written(), 1);
  });
}

test("closing latency is of sessions, too, whose task is not applied in full", async () => {
  const { latencies } = await deliverOne(null, { isApplied: false });
  assert.equal(latencies().closing.count, 1);
});
