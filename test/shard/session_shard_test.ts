import assert from "node:assert/strict";
import { test } from "node:test";
import { createScanner, createShard } from "../../src/shard/create_shard.ts";
import type { EncoderOptions } from "../../src/sink/encode/session_encoder.ts";
import { packRowParts } from "../../src/window/row_part.ts";
import { counterOf, gaugeOf } from "../../src/wire/counters.ts";
import type { TaskHeader } from "../../src/wire/task_codec.ts";
import { placedValues } from "../support/built_chunk.ts";
import { scanParts } from "../support/dealt_rows.ts";
import { plainTask } from "../support/plain_task.ts";
import {
  Hand,
  MINUTE_MS,
  OPTIONS,
  START_MS,
  visit,
} from "../support/shard_hand.ts";

test("SessionShard reports its local watermark behind the visits", () => {
  const hand = new Hand();
  const report = hand.give([visit("a", START_MS)]);
  assert.equal(report.localWatermarkMs, START_MS - 20 * MINUTE_MS - 1);
  assert.deepEqual([...report.clocksMs], [START_MS]);
  assert.equal(counterOf(report.envelope, "visits"), 1);
  assert.equal(gaugeOf(report.envelope, "unfiredVisits"), 1);
});

test("SessionShard takes clocks that main tells it", () => {
  const hand = new Hand();
  hand.give([visit("a", START_MS)]);
  const clocksMs = Float64Array.of(START_MS + MINUTE_MS);
  const report = hand.give([], { clocksMs });
  assert.equal(report.localWatermarkMs, START_MS - 19 * MINUTE_MS - 1);
});

test("SessionShard refuses a task out of sequence", () => {
  const hand = new Hand();
  hand.give([]);
  assert.throws(() => hand.give([], { sequence: 3 }), {
    message: "Cannot apply task to shard 0: its sequence is 3, expected 2",
  });
});

test("SessionShard refuses a visit of another shard", () => {
  const shard = createShard({ ...OPTIONS, shardCount: 1000 });
  const chunk = placedValues([visit("not mine", START_MS)]);
  const scanner = createScanner({ ...OPTIONS, shardCount: 1 });
  const [rows] = scanParts(scanner, chunk, { shardCount: 1 });
  const message = { ...plainTask({ sequence: 1 }), rows: packRowParts(rows!) };
  assert.throws(() => shard.handle(message), /its visit_id belongs to shard/);
});

test("SessionShard refuses visits in the form of another number of shards", () => {
  const values = [Buffer.from(visit("a", START_MS))];
  const only = createShard(OPTIONS);
  const one = createShard({ ...OPTIONS, shardCount: 2 });
  const chunks = plainTask({ sequence: 1 }, values);
  const scanner = createScanner(OPTIONS);
  const parts = scanParts(scanner, chunks.chunks[0]!, { shardCount: 1 });
  const rows = { ...plainTask({ sequence: 1 }), rows: packRowParts(parts[0]!) };
  assert.throws(() => one.handle(chunks), {
    message: "Cannot read task: it has 1 parts that are not rows",
  });
  assert.throws(() => only.handle(rows), {
    message: "Cannot read task: it has 1 parts that are not chunks",
  });
});

test("SessionShard does not let a rejected record move the clock", () => {
  const hand = new Hand();
  const far = START_MS + 1000 * MINUTE_MS;
  const bad = visit("a", far).replace('"u"', "17");
  const report = hand.give([bad, visit("a", START_MS)]);
  assert.deepEqual([...report.clocksMs], [START_MS]);
  const [side] = report.sides();
  assert.equal(Buffer.from(side!.value!).toString(), bad);
  assert.equal(side!.offset, 1000);
});

test("SessionShard measures the skew of a record without a time from now", () => {
  const window = { ...OPTIONS.window, maxSkewMs: MINUTE_MS };
  const rejected = (header: Partial<TaskHeader>) => {
    const ahead = visit("a", START_MS + 2 * MINUTE_MS);
    const report = new Hand({ window }).give([ahead], header);
    return counterOf(report.envelope, "rejected");
  };
  const nowMs = START_MS;
  assert.equal(rejected({ nowMs }), 1);
  assert.equal(rejected({ nowMs: nowMs + MINUTE_MS }), 0);
  assert.equal(rejected({ nowMs, skewNowMs: Infinity }), 0);
});

test("SessionShard stops at a full report and goes on where it stopped", () => {
  const hand = new Hand();
  const page = "p".repeat(60_000);
  const ids = Array.from({ length: 40 }, (_, i) => `visitor-${i}`);
  hand.give(ids.map((id) => visit(id, START_MS, page)));
  const later = START_MS + 1000 * MINUTE_MS;
  // Visits that come while the watermark is still being applied wait.
  const first = hand.give([], { mergedWatermarkMs: later });
  assert.equal(first.appliedSequence, 1);
  const second = hand.give([visit("visitor-39", START_MS)], {
    mergedWatermarkMs: later,
  });
  let sessions =
    counterOf(first.envelope, "sessions") +
    counterOf(second.envelope, "sessions");
  let late = counterOf(second.envelope, "late");
  let rounds = 0;
  for (let last = second; last.appliedSequence < last.sequence; rounds++) {
    assert.ok(rounds < 10);
    last = hand.give([], { mergedWatermarkMs: later });
    sessions += counterOf(last.envelope, "sessions");
    late += counterOf(last.envelope, "late");
  }
  assert.equal(sessions, 40);
  assert.equal(late, 1);
});

test("SessionShard drops the windows of a revoked partition", () => {
  const hand = new Hand();
  hand.give([visit("a", START_MS), visit("b", START_MS)]);
  const report = hand.give([], {}, [
    { kind: "reassign", assignment: 1, dropped: [0], topicId: null },
  ]);
  assert.deepEqual(report.answers, [{ kind: "reassigned", assignment: 1 }]);
  assert.equal(counterOf(report.envelope, "droppedVisits"), 2);
  assert.equal(gaugeOf(report.envelope, "openSessions"), 0);
  assert.equal(report.localWatermarkMs, -Infinity);
});

test("SessionShard names the topic of sessions, each time it is told another", () => {
  const encoder = { format: "lines", withMetadata: true, withOrder: false };
  const hand = new Hand({ encoder: encoder as EncoderOptions });
  const emitted = [null, "old-topic", "new-topic", null].map((topicId, at) => {
    hand.give([], { mergedWatermarkMs: -Infinity }, [
      { kind: "reassign", assignment: at + 1, dropped: [0], topicId },
    ]);
    hand.give([visit("a", START_MS)]);
    // Of what is still open then, nothing may bear the next topic's id.
    hand.give([visit("a", START_MS + 60 * MINUTE_MS)]);
    const { payload } = hand.give([], {
      mergedWatermarkMs: START_MS + 30 * MINUTE_MS,
    });
    const lines = Buffer.from(payload!).toString().split("\n").slice(0, 1);
    return lines.map((line) => JSON.parse(line).metadata["source-topic-id"]);
  });
  assert.deepEqual(emitted, [
    [undefined],
    ["old-topic"],
    ["new-topic"],
    [undefined],
  ]);
});

test("SessionShard refuses a watermark that goes back in one assignment", () => {
  const hand = new Hand();
  hand.give([], { mergedWatermarkMs: START_MS });
  assert.throws(() => hand.give([], { mergedWatermarkMs: START_MS - 1 }), {
    message:
      `Cannot apply task 2 to shard 0: its watermark ${START_MS - 1} is behind ` +
      `${START_MS}, which an earlier task of the same assignment brought`,
  });
  const other = new Hand();
  other.give([], { mergedWatermarkMs: START_MS });
  const orders = [
    { kind: "reassign", assignment: 7, dropped: [], topicId: null },
  ] as const;
  const news = { mergedWatermarkMs: -Infinity };
  const { answers } = other.give([], news, orders);
  assert.deepEqual(answers, [{ kind: "reassigned", assignment: 7 }]);
});

test("SessionShard refuses a told clock that goes back in one assignment", () => {
  const told = (...clocksMs: number[]) => ({
    clocksMs: Float64Array.from(clocksMs),
  });
  const hand = new Hand();
  hand.give([], told(START_MS, START_MS));
  // A visit of its own may be ahead of what main knows.
  hand.give([visit("a", START_MS + MINUTE_MS)]);
  assert.throws(
    () => hand.give([], told(START_MS, START_MS - 1)),
    /Cannot take clocks of main: that of partition 1 went back from/,
  );
  const other = new Hand();
  other.give([], told(START_MS, START_MS));
  const orders = [
    { kind: "reassign", assignment: 1, dropped: [1], topicId: null },
  ] as const;
  other.give([], told(START_MS, START_MS - 1), orders);
});

test("SessionShard lets its local watermark go back with an idle partition", () => {
  const hand = new Hand();
  const clocksMs = Float64Array.of(START_MS, START_MS - MINUTE_MS);
  const given = (states: readonly number[]) =>
    hand.give([], { clocksMs, states: Uint8Array.from(states) });
  const before = given([1, 2]).localWatermarkMs;
  assert.equal(given([1, 1]).localWatermarkMs, before - MINUTE_MS);
});
