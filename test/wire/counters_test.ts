import assert from "node:assert/strict";
import { test } from "node:test";
import { Tally } from "../../src/pipeline/tally.ts";
import { createShard } from "../../src/shard/create_shard.ts";
import { REJECTION_REASONS } from "../../src/window/rejection.ts";
import {
  COUNTERS,
  counterIndex,
  GAUGES,
  rejectedByCode,
  rejectedFor,
} from "../../src/wire/counters.ts";
import { decodeReport, encodeReport } from "../../src/wire/report_codec.ts";
import { plainTask } from "../support/plain_task.ts";
import { reportFields } from "../support/report_fields.ts";
import {
  Hand,
  MINUTE_MS,
  OPTIONS,
  START_MS,
  visit,
} from "../support/shard_hand.ts";
import { shardOptions } from "../support/shard_options.ts";

/** When the session of a visit at `START_MS` ends, and is not gone. */
const END_MS = START_MS + OPTIONS.window.gapMs;

/** A report in which each counter and gauge has a number of its own. */
function numberedReport(factor: number) {
  const fields = reportFields();
  COUNTERS.forEach((_, i) => {
    fields.counters[i] = factor * (i + 1);
  });
  GAUGES.forEach((_, i) => {
    fields.gauges[i] = factor * (i + 1000);
  });
  return decodeReport(encodeReport(fields));
}

test("counters and gauges have each a name of its own, and a meaning", () => {
  const meters = [...COUNTERS, ...GAUGES];
  assert.equal(new Set(meters.map(({ name }) => name)).size, meters.length);
  for (const { name, meaning } of meters) assert.ok(meaning.length > 10, name);
});

test("Tally has every counter and gauge of the lists, summed by name", () => {
  const tally = new Tally();
  // Two reports of shard 0, of which the last says what it holds, and one of 1.
  tally.add(0, numberedReport(2 ** 33));
  tally.add(0, numberedReport(1));
  tally.add(1, numberedReport(10));
  COUNTERS.forEach(({ name }, i) => {
    assert.equal(tally.count(name), (2 ** 33 + 11) * (i + 1), name);
  });
  GAUGES.forEach(({ name }, i) => {
    assert.equal(tally.gauge(name), 11 * (i + 1000), name);
  });
});

test("a shard counts each visit by name, each rejected one by its reason", () => {
  const shard = createShard(shardOptions());
  const tally = new Tally();
  let sequence = 0;
  let valueBytes = 0;
  const give = (values: readonly string[], mergedWatermarkMs: number) => {
    valueBytes += values.join("").length;
    const task = plainTask(
      { sequence: ++sequence, mergedWatermarkMs },
      values.map((value) => Buffer.from(value)),
    );
    tally.add(0, decodeReport(shard.handle(task).envelope));
  };
  const visit = (id: string, time: string) =>
    JSON.stringify({ visit_id: id, event_time: time });
  const noon = "2024-06-01T12:00:00Z";
  give([visit("a", noon), visit("a", noon), visit("b", noon)], -Infinity);
  give([], Date.parse(noon) + 86_400_000);
  give(
    [
      visit("late", noon),
      visit("c", "2024-06-03T12:00:00Z"),
      ...["", "{", "7", visit("", noon), visit("a", "noon"), "{}", "{}"],
    ],
    Date.parse(noon) + 86_400_000,
  );
  const counted = COUNTERS.map(({ name }) => [name, tally.count(name)]);
  const { recordBytes, ...others } = Object.fromEntries(
    counted.filter(([, count]) => count),
  );
  // A record takes some bytes beside its value.
  const besideBytes = (recordBytes - valueBytes) / 12;
  assert.ok(besideBytes >= 7 && besideBytes <= 9, `${besideBytes}`);
  assert.deepEqual(others, {
    visits: 12,
    late: 1,
    rejected: 7,
    sessions: 2,
    visitsInSessions: 3,
    "closed: gap": 2,
    "rejected: empty": 1,
    "rejected: not_json": 1,
    "rejected: not_object": 1,
    "rejected: visit_id_missing": 2,
    "rejected: visit_id_invalid": 1,
    "rejected: event_time_invalid": 1,
  });
  const byReason = REJECTION_REASONS.map((r) => tally.count(rejectedFor(r)));
  assert.equal(
    byReason.reduce((sum, count) => sum + count, 0),
    tally.count("rejected"),
  );
  assert.equal(tally.gauge("openSessions"), 1);
  tally.assertConservation(12);
  assert.throws(() => tally.assertConservation(13), /13 routed, 12 applied/);
});

for (const encoder of [
  { format: "lines", withMetadata: true, withOrder: false },
  { format: "kafka", partitionCount: 2, maxRecordBytes: 1_000 },
] as const) {
  test(`a shard counts ${encoder.format} by what closed them, and revisions`, () => {
    const hand = new Hand({ encoder });
    const tally = new Tally();
    const give = (visits: readonly string[], mergedWatermarkMs: number) =>
      tally.add(0, hand.give(visits, { mergedWatermarkMs }).envelope);
    const ids = ["a", "b", "c"];
    give(
      ids.map((id) => visit(id, START_MS)),
      START_MS - MINUTE_MS,
    );
    assert.deepEqual(tally.closedByReason, {});
    // One of them is too large for the topic, and counts all the same.
    give([visit("c", START_MS, "x".repeat(2_000))], END_MS);
    assert.deepEqual(tally.closedByReason, { gap: 3 });
    assert.equal(tally.count("revisions"), 0);
    give([visit("a", START_MS + 1), visit("new", START_MS)], END_MS);
    give([visit("a", START_MS + 2), visit("later", END_MS)], END_MS);
    assert.deepEqual(tally.closedByReason, { gap: 3, "late-update": 3 });
    assert.equal(tally.count("revisions"), 2);
    give([], Infinity);
    const expected = { gap: 3, "late-update": 3, "end-of-input": 1 };
    assert.deepEqual(tally.closedByReason, expected);
    assert.equal(tally.count("revisions"), 2);
    assert.equal(tally.count("sessions"), 7);
    tally.assertConservation(8);
  });
}

test("sessions without a reason are an error", () => {
  const fields = reportFields();
  fields.counters[counterIndex("sessions")] = 1;
  const tally = new Tally();
  tally.add(0, decodeReport(encodeReport(fields)));
  assert.throws(() => tally.assertConservation(0), /1 were put out, .* for 0/);
});

test("a code that is no rejection has no counter", () => {
  assert.throws(() => rejectedByCode(0), /code 0 is unknown/);
});
