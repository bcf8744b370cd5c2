import assert from "node:assert/strict";
import { test } from "node:test";
import type { ShardReport } from "../../src/fleet/shard_report.ts";
import { HEADER_BYTES } from "../../src/record/batch_header_reader.ts";
import { SIDE_LATE } from "../../src/shard/side_records.ts";
import { counterOf } from "../../src/wire/counters.ts";
import { notingShard, readNotes } from "../support/noting_store.ts";
import {
  Hand,
  MINUTE_MS,
  OPTIONS,
  START_MS,
  visit,
} from "../support/shard_hand.ts";

/** A hand with a shard that keeps changes, and its store. */
function barrierHand(options: Partial<typeof OPTIONS> = {}) {
  const { shard, store } = notingShard({ ...OPTIONS, ...options });
  return { hand: new Hand({}, shard), store };
}

/** Offsets that the deltas of a report speak of. */
function loggedBy(report: ShardReport): number[] {
  return report.deltas().flatMap(({ bytes, count, partition }) => {
    assert.equal(partition, 0);
    const records = Buffer.from(bytes).subarray(HEADER_BYTES);
    return readNotes(records, count).map(({ offset }) => offset);
  });
}

/** Gives empty tasks until all is applied; what they report. */
function drain(hand: Hand, first: ShardReport): ShardReport[] {
  const reports = [first];
  while (reports.at(-1)!.appliedSequence < hand.sequence) {
    assert.ok(reports.length < 100, "the shard never gets there");
    reports.push(hand.give([], { barrier: 0 }));
  }
  return reports;
}

test("a barrier is behind the task's visits and before its watermark", () => {
  const { hand } = barrierHand();
  const laterMs = START_MS + 1000 * MINUTE_MS;
  const header = { mergedWatermarkMs: laterMs, isFollowed: true };
  const at = hand.give([visit("a", START_MS), visit("b", START_MS + 1000)], {
    ...header,
    barrier: 9,
  });
  assert.deepEqual(at.answers, [
    {
      kind: "barrier",
      commit: 9,
      clocksMs: Float64Array.of(START_MS + 1000),
      logs: [{ partition: 0, oldestCommit: 9, liveBytes: 7 }],
    },
  ]);
  assert.deepEqual(loggedBy(at), [1000, 1001]);
  assert.equal(at.appliedSequence, 0);
  assert.equal(at.holdsOutput, false);
  assert.deepEqual(at.chunks(), []);
  const behind = hand.give([visit("a", START_MS)], { ...header, barrier: 0 });
  assert.deepEqual(behind.answers, []);
  assert.equal(behind.appliedSequence, 2);
  // What fires by the barrier's watermark is behind it, as what comes later is.
  const rest = hand.give([], { isFollowed: false });
  assert.equal(counterOf(behind.envelope, "sessions"), 0);
  assert.equal(counterOf(rest.envelope, "sessions"), 2);
  assert.equal(counterOf(behind.envelope, "late"), 1);
  assert.deepEqual(
    [...rest.sides()].map(({ code }) => code),
    [SIDE_LATE],
  );
  assert.deepEqual(loggedBy(behind), []);
  const next = hand.give([], { barrier: 10 });
  assert.deepEqual(loggedBy(next), [2000]);
});

test("output that waits for the next report does not pass a barrier", () => {
  const { hand } = barrierHand();
  hand.give([visit("a", START_MS)]);
  const laterMs = START_MS + 1000 * MINUTE_MS;
  const header = { mergedWatermarkMs: laterMs, isFollowed: true };
  const first = hand.give([], header);
  assert.equal(first.holdsOutput, true);
  const at = hand.give([visit("late", START_MS)], { ...header, barrier: 1 });
  assert.equal(at.holdsOutput, false);
  assert.equal(counterOf(at.envelope, "sessions"), 1);
  assert.equal(at.chunks().length, 1);
  // Chunks, side records and deltas share the payload.
  const [late] = [...at.sides()];
  assert.match(Buffer.from(late!.value!).toString(), /"visit_id":"late"/);
  assert.deepEqual(loggedBy(at), [1000, 3000]);
  assert.equal(at.answers.length, 1);
  // Nor does what the barrier's own task puts out before it.
  const next = hand.give([visit("late", START_MS)], { ...header, barrier: 2 });
  assert.equal(next.holdsOutput, false);
  assert.equal([...next.sides()].length, 1);
  assert.equal(next.answers.length, 1);
});

test("an export that a report has no room for goes out in slices", () => {
  const { hand } = barrierHand({ outputBytes: 64 * 1024 });
  const visits = Array.from({ length: 100 }, (_, i) =>
    visit(`v${i}`, START_MS),
  );
  const header = { mergedWatermarkMs: START_MS + 1000 * MINUTE_MS };
  const reports = drain(hand, hand.give(visits, { ...header, barrier: 3 }));
  const answering = reports.findIndex(({ answers }) => answers.length > 0);
  assert.ok(answering > 2, `${answering}`);
  const slices = reports.map(loggedBy);
  assert.deepEqual(
    slices.flat(),
    visits.map((_, i) => 1000 + i),
  );
  for (const [i, report] of reports.entries()) {
    assert.ok(report.payloadLength < 64 * 1024, `${report.payloadLength}`);
    assert.equal(slices[i]!.length > 0, i <= answering);
    const sessions = counterOf(report.envelope, "sessions");
    assert.equal(sessions > 0, i > answering, `report ${i}: ${sessions}`);
  }
});

test("what was to do before a barrier is done and put out before it", () => {
  const { hand } = barrierHand({ outputBytes: 64 * 1024 });
  const page = "p".repeat(8_000);
  const ids = Array.from({ length: 40 }, (_, i) => `v${i}`);
  const reports = drain(
    hand,
    hand.give(ids.map((id) => visit(id, START_MS, page))),
  );
  // The watermark's work is far from done when the barrier comes.
  const header = { mergedWatermarkMs: START_MS + 1000 * MINUTE_MS };
  reports.push(hand.give([], header));
  assert.ok(reports.at(-1)!.appliedSequence < hand.sequence);
  const laterMs = START_MS + 2000 * MINUTE_MS;
  const first = hand.give([visit("b", laterMs)], { ...header, barrier: 1 });
  reports.push(...drain(hand, first));
  const answering = reports.findIndex(({ answers }) => answers.length > 0);
  const before = reports.slice(0, answering + 1);
  const fired = before.map(({ envelope }) => counterOf(envelope, "sessions"));
  assert.equal(
    fired.reduce((sum, n) => sum + n),
    ids.length,
  );
  const visits = before.map(({ envelope }) => counterOf(envelope, "visits"));
  assert.equal(
    visits.reduce((sum, n) => sum + n),
    ids.length + 1,
  );
  const [answer] = reports[answering]!.answers;
  assert.equal(answer!.kind === "barrier" && answer!.clocksMs[0], laterMs);
});

test("sessions are renewed before the export of the same task", () => {
  const { hand, store } = barrierHand();
  const partitions = [
    { partition: 2, beforeCommit: 7, bytes: 100 },
    { partition: 4, beforeCommit: 8, bytes: 200 },
  ];
  const { answers } = hand.give([], { barrier: 9 }, [
    { kind: "renew", partitions },
  ]);
  assert.deepEqual(store.calls, [
    "renew 2 before 7: 100",
    "renew 4 before 8: 200",
  ]);
  assert.equal(answers.length, 1);
});

test("a shard that keeps no changes has no barrier, and nothing to restore", () => {
  const hand = new Hand();
  assert.throws(() => hand.give([], { barrier: 1 }), /commit 1 .*not kept/);
});
