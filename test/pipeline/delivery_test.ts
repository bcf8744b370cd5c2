import assert from "node:assert/strict";
import { test } from "node:test";
import { WALL_CLOCK } from "../../src/clock.ts";
import { Dispatcher } from "../../src/fleet/dispatcher.ts";
import { ShardReport } from "../../src/fleet/shard_report.ts";
import { Delivery } from "../../src/pipeline/delivery.ts";
import { RunMeters } from "../../src/pipeline/run_meters.ts";
import { createShard } from "../../src/shard/create_shard.ts";
import { SIDE_LATE } from "../../src/shard/side_records.ts";
import type { EncoderOptions } from "../../src/sink/encode/session_encoder.ts";
import { NullSink } from "../../src/sink/null_sink.ts";
import type { SideRecord, SideSink } from "../../src/sink/sink.ts";
import type { TaskHeader } from "../../src/wire/task_codec.ts";
import { listChunk } from "../support/list_chunk.ts";
import { plainTask } from "../support/plain_task.ts";
import { ScrambledShards } from "../support/scrambled_shards.ts";
import { shardOptions } from "../support/shard_options.ts";

const LINES: EncoderOptions = {
  format: "lines",
  withMetadata: false,
  withOrder: false,
};
const SHARDS = 3;
const BATCHES = 40;
const LATE_TIME = '"event_time":"2000-01-01T00:00:00Z"';

/** Keeps what it is given. */
class KeepingSink implements SideSink {
  readonly records: SideRecord[] = [];

  async open(): Promise<void> {}

  async write(records: Iterable<SideRecord>): Promise<void> {
    for (const record of records) {
      const value = Buffer.from(record.value ?? []);
      this.records.push({ ...record, value });
    }
  }

  async close(): Promise<void> {}
}

/** Garbage, of which shard 0 gets most, and visits that will be late. */
function chunkOf(number: number) {
  const values = Array.from({ length: 500 }, (_, i) => {
    if (i % 10 === 0) return `{"visit_id":"v${i}",${LATE_TIME},"n":${number}}`;
    if (i % 3 === 0) return `{"visit_id":"v${i}","event_time":"soon"}`;
    return `garbage ${i}`;
  });
  return listChunk(values, { partition: 0, baseOffset: number * 1000 });
}

/** Delivers what real shards make of the batches. */
async function deliverAll(
  seed: number,
  sinks: { late: KeepingSink; deadLetters: KeepingSink | null },
) {
  const keep = { keepLate: true, keepRejected: sinks.deadLetters !== null };
  const options = Array.from({ length: SHARDS }, (_, shard) =>
    shardOptions({ shard, shardCount: SHARDS, encoder: LINES, ...keep }),
  );
  const warnings: { fields: Record<string, unknown>; message: string }[] = [];
  const log = {
    warn: (fields: Record<string, unknown>, message: string) =>
      void warnings.push({ fields, message }),
  };
  const meters = new RunMeters(WALL_CLOCK);
  const outputs = {
    sessions: new NullSink(),
    encoder: LINES,
    sender: null,
    ...sinks,
  };
  const delivery = new Delivery(outputs, meters, {
    topic: "visits",
    log,
    clock: WALL_CLOCK,
  });
  const sidesPerReport: number[] = [];
  const limits = { inFlightLimitBytes: 1 << 20, outputLimitBytes: 1 << 20 };
  const dispatcher = new Dispatcher(
    new ScrambledShards(options, seed),
    {
      ...{ ...limits, watermarks: "told", clock: WALL_CLOCK },
      ...{ topic: "visits", keepsRecords: true },
    },
    {
      onReport: (report, of) => {
        const isLate = (code: number) => code === SIDE_LATE;
        sidesPerReport.push(report.sideCodes.filter((c) => !isLate(c)).length);
        return delivery.deliver(report, of);
      },
      onFailure: assert.fail,
    },
  );
  dispatcher.tellWatermark(Date.UTC(2024, 0, 1));
  dispatcher.pump();
  await dispatcher.quiet();
  for (let number = 0; number < BATCHES; number++) {
    const chunk = chunkOf(number);
    meters.routed += chunk.count;
    dispatcher.dealer.deal(chunk);
    await dispatcher.dealer.handedOn();
    // Some leave as full ones do: their shards may let output wait.
    for (const link of dispatcher.links) {
      if (number % 3 > 0 && !link.batch.isEmpty) dispatcher.sendFull(link);
    }
    dispatcher.pump();
    if (number % 5 === 0) await dispatcher.quiet();
  }
  await dispatcher.quiet();
  delivery.finish();
  meters.tally.assertConservation(meters.routed);
  return { warnings, meters, sidesPerReport };
}

for (const seed of [1, 2, 3]) {
  test(`Delivery counts rejected records that nobody keeps, by an example: ${seed}`, async () => {
    const late = new KeepingSink();
    const { warnings, meters, sidesPerReport } = await deliverAll(seed, {
      late,
      deadLetters: null,
    });
    assert.equal(meters.tally.count("rejected"), BATCHES * 450);
    assert.ok(Math.max(...sidesPerReport) <= 1);
    let warned = 0;
    for (const { fields, message } of warnings) {
      const [, reason, more = "0"] =
        /^rejected a record for (\w+) \(--dead-letter-to keeps such\)(?:, and ([\d,]+) more before it)?$/.exec(
          message,
        )!;
      warned += 1 + Number(more.replaceAll(",", ""));
      assert.equal(fields.topic, "visits");
      assert.equal(fields.partition, 0);
      const index = Number(fields.offset) % 1000;
      const expected = index % 3 === 0 ? "event_time_invalid" : "not_json";
      assert.ok(index % 10 > 0);
      assert.equal(reason, expected);
    }
    assert.equal(warned, meters.tally.count("rejected"));
    assert.equal(late.records.length, BATCHES * 50);
    assert.equal(meters.tally.count("late"), BATCHES * 50);
  });
}

test("Delivery lets one example speak for the records of another shard", async () => {
  const warnings: string[] = [];
  const log = {
    warn: (_: unknown, message: string) => void warnings.push(message),
  };
  const late = new KeepingSink();
  const outputs = {
    sessions: new NullSink(),
    encoder: LINES,
    late,
    deadLetters: null,
    sender: null,
  };
  const delivery = new Delivery(outputs, new RunMeters(WALL_CLOCK), {
    topic: "visits",
    log,
    clock: WALL_CLOCK,
  });
  const [one, other] = [0, 1].map(() => {
    const shard = createShard(shardOptions({ keepLate: true }));
    let sequence = 0;
    return async (
      values: readonly string[],
      header: Partial<TaskHeader> = {},
    ) => {
      const buffers = values.map((value) => Buffer.from(value));
      const message = plainTask({ sequence: ++sequence, ...header }, buffers);
      const report = { ...shard.handle(message), threadCpuMs: 0 };
      await delivery.deliver(new ShardReport(0, report), {
        applied: [],
        touched: [],
      });
    };
  });
  const mergedWatermarkMs = Date.UTC(2024, 0, 1);
  await one!([], { mergedWatermarkMs });
  const lateVisit = `{"visit_id":"v",${LATE_TIME}}`;
  // The late visit waits for the next report, and so does the example.
  await one!(["broken", lateVisit], { mergedWatermarkMs, isFollowed: true });
  assert.deepEqual(warnings, []);
  await other!(["broken"]);
  await one!([], { mergedWatermarkMs });
  delivery.finish();
  assert.equal(late.records.length, 1);
  assert.deepEqual(warnings, [
    "rejected a record for not_json (--dead-letter-to keeps such), and 1 more before it",
  ]);
});

test("Delivery hands over rejected records and late visits as they came in", async () => {
  const late = new KeepingSink();
  const deadLetters = new KeepingSink();
  const { warnings, meters } = await deliverAll(4, { late, deadLetters });
  assert.deepEqual(warnings, []);
  assert.equal(deadLetters.records.length, BATCHES * 450);
  const byReason = { not_json: 0, event_time_invalid: 0 };
  for (const {
    reason,
    topic,
    partition,
    offset,
    value,
  } of deadLetters.records) {
    const index = offset % 1000;
    const isJson = index % 3 === 0;
    assert.equal(reason, isJson ? "event_time_invalid" : "not_json");
    byReason[reason as keyof typeof byReason]++;
    assert.deepEqual([topic, partition], ["visits", 0]);
    const text = isJson
      ? `{"visit_id":"v${index}","event_time":"soon"}`
      : `garbage ${index}`;
    assert.equal(String(value), text);
  }
  assert.deepEqual(meters.tally.rejectedByReason, byReason);
  assert.equal(late.records.length, BATCHES * 50);
  assert.ok(late.records.every(({ reason }) => reason === "late"));
  const offsets = deadLetters.records.map(({ offset }) => offset);
  assert.equal(new Set(offsets).size, offsets.length);
});
