import assert from "node:assert/strict";
import { test } from "node:test";
import { ShardReport } from "../../src/fleet/shard_report.ts";
import { createShard } from "../../src/shard/create_shard.ts";
import type { ShardOptions } from "../../src/shard/shard_options.ts";
import { SIDE_LATE } from "../../src/shard/side_records.ts";
import type { EncoderOptions } from "../../src/sink/encode/session_encoder.ts";
import { counterOf, gaugeOf } from "../../src/wire/counters.ts";
import type { TaskHeader } from "../../src/wire/task_codec.ts";
import { plainTask } from "../support/plain_task.ts";
import { shardOptions } from "../support/shard_options.ts";

const HOUR_MS = 3_600_000;
const START_MS = Date.parse("2024-06-01T00:00:00Z");

const ENCODERS: readonly EncoderOptions[] = [
  { format: "lines", withMetadata: false, withOrder: false },
  { format: "kafka", partitionCount: 3, maxRecordBytes: 1 << 20 },
];

/** What gives tasks of visits to a shard. */
function createHand(
  encoder: EncoderOptions,
  options: Partial<ShardOptions> = {},
) {
  const shard = createShard(
    shardOptions({ encoder, keepLate: true, keepRejected: true, ...options }),
  );
  let sequence = 0;
  let mergedWatermarkMs = -Infinity;
  return (visits: readonly string[], header: Partial<TaskHeader> = {}) => {
    const values = visits.map((visit) => Buffer.from(visit));
    // The watermark stays where it is unless the header moves it.
    mergedWatermarkMs = header.mergedWatermarkMs ?? mergedWatermarkMs;
    const told = { ...header, mergedWatermarkMs, sequence: ++sequence };
    const message = plainTask(told, values);
    return new ShardReport(0, { ...shard.handle(message), threadCpuMs: 0 });
  };
}

function visits(count: number, atMs: number, page = "home"): string[] {
  const event_time = new Date(atMs).toISOString();
  return Array.from({ length: count }, (_, i) =>
    JSON.stringify({ visit_id: `${atMs}-${i}`, event_time, page }),
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

for (const encoder of ENCODERS) {
  const { format } = encoder;
  test(`SessionShard lets a little output wait for the next report: ${format}`, () => {
    const give = createHand(encoder);
    give(visits(5, START_MS));
    const mergedWatermarkMs = START_MS + HOUR_MS;
    const first = give([], { mergedWatermarkMs, isFollowed: true });
    assert.equal(first.appliedSequence, 2);
    assert.equal(first.holdsOutput, true);
    assert.equal(first.payload, null);
    assert.equal(counterOf(first.envelope, "sessions"), 0);
    assert.equal(gaugeOf(first.envelope, "openSessions"), 0);
    // It does not wait for another one, be it followed too.
    const records = ["broken", ...visits(2, START_MS), ...visits(1, 2e12)];
    const second = give(records, { mergedWatermarkMs, isFollowed: true });
    assert.equal(second.holdsOutput, false);
    assert.equal(counterOf(second.envelope, "visits"), 4);
    assert.equal(counterOf(second.envelope, "sessions"), 5);
    assert.equal(counterOf(second.envelope, "visitsInSessions"), 5);
    assert.equal(sum(second.chunks().map(({ count }) => count)), 5);
    assert.equal([...second.sides()].length, 3);
    assert.equal(give([], { mergedWatermarkMs }).payload, null);
  });

  test(`SessionShard lets late and rejected records wait: ${format}`, () => {
    const give = createHand(encoder);
    const mergedWatermarkMs = START_MS + HOUR_MS;
    give(visits(1, START_MS + 2 * HOUR_MS));
    give([], { mergedWatermarkMs });
    const records = ["broken", ...visits(2, START_MS)];
    const first = give(records, { isFollowed: true });
    assert.equal(first.holdsOutput, true);
    assert.deepEqual([...first.sides()], []);
    assert.equal(counterOf(first.envelope, "late"), 2);
    assert.equal(counterOf(first.envelope, "rejected"), 1);
    const last = give([]);
    assert.equal(counterOf(last.envelope, "late"), 0);
    assert.equal(counterOf(last.envelope, "rejected"), 0);
    assert.deepEqual(
      [...last.sides()].map(({ code }) => code === SIDE_LATE),
      [false, true, true],
    );
  });

  test(`SessionShard reports at once what has no bytes: ${format}`, () => {
    const give = createHand(encoder, { keepRejected: false });
    assert.equal(give([], { isFollowed: true }).holdsOutput, false);
    const report = give(["broken", "bad"], { isFollowed: true });
    assert.equal(report.holdsOutput, false);
    assert.equal(counterOf(report.envelope, "rejected"), 2);
    // The place of the last one is all that a warning needs.
    const [example, ...others] = report.sides();
    assert.deepEqual(others, []);
    assert.equal(example!.offset % 1000, 1);
    assert.equal(example!.value, null);
  });

  test(`SessionShard reports much output at once: ${format}`, () => {
    const give = createHand(encoder);
    const page = "p".repeat(60_000);
    give(visits(40, START_MS, page));
    // 9 sessions are not much; with those of the next stretch they are.
    give(visits(9, START_MS - 10 * HOUR_MS, page));
    const header = { isFollowed: true, mergedWatermarkMs: START_MS };
    const little = give([], header);
    assert.equal(little.holdsOutput, true);
    const mergedWatermarkMs = START_MS + HOUR_MS;
    const much = give([], { ...header, mergedWatermarkMs });
    assert.equal(much.holdsOutput, false);
    const lengths = much.chunks().map(({ bytes }) => bytes.length);
    const bytes = sum(lengths);
    assert.ok(bytes >= 26 * 60_000 && bytes < 28 * 64_000, `${bytes} bytes`);
  });
}
