import assert from "node:assert/strict";
import { test } from "node:test";
import { Hand, MINUTE_MS, START_MS, visit } from "../support/shard_hand.ts";

test("SessionShard tells of a round by its own visits alone", () => {
  const hand = new Hand();
  const clocksMs = Float64Array.of(START_MS + 9 * MINUTE_MS, START_MS);
  hand.give([visit("a", START_MS)], { clocksMs });
  assert.deepEqual(hand.give([], { round: 3 }).answers, [
    // What main tells it may be of a later round.
    { kind: "round", round: 3, clocksMs: Float64Array.of(START_MS) },
  ]);
  assert.deepEqual(hand.give([], { round: 0 }).answers, []);
});

test("SessionShard tells of a round when all of it is applied, of each once", () => {
  const hand = new Hand();
  const page = "p".repeat(60_000);
  const ids = Array.from({ length: 40 }, (_, i) => `visitor-${i}`);
  hand.give(ids.map((id) => visit(id, START_MS, page)));
  const header = { mergedWatermarkMs: START_MS + 1000 * MINUTE_MS };
  // It is amid the watermark's work: the round is not over.
  const laterMs = START_MS + MINUTE_MS;
  let report = hand.give([visit("b", laterMs)], { ...header, round: 4 });
  assert.ok(report.appliedSequence < report.sequence);
  assert.deepEqual(report.answers, []);
  const answers = [];
  report = hand.give([visit("c", laterMs + 1000)], { ...header, round: 5 });
  for (let tasks = 0; ; tasks++) {
    answers.push(...report.answers);
    if (report.appliedSequence === report.sequence) break;
    assert.ok(tasks < 10);
    report = hand.give([], { ...header, round: 0 });
  }
  assert.deepEqual(answers, [
    { kind: "round", round: 4, clocksMs: Float64Array.of(laterMs) },
    { kind: "round", round: 5, clocksMs: Float64Array.of(laterMs + 1000) },
  ]);
});
