import assert from "node:assert/strict";
import { test } from "node:test";
import { Tally } from "../../src/pipeline/tally.ts";
import { createShard } from "../../src/shard/create_shard.ts";
import { REJECTION_REASONS } from "../../src/window/rejection.ts";
import {
  COUNTERS,
  GAUGES,
  rejectedByCode,
  rejectedFor,
} from "../../src/wire/counters.ts";
import { decodeReport, encodeReport } from "../../src/wire/report_codec.ts";
import { plainTask } from "../support/plain_task.ts";
import { reportFields } from "../support/report_fields.ts";
import { shardOptions } from "../support/shard_options.ts";

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

test("a code that is no rejection has no counter", () => {
  assert.throws(() => rejectedByCode(0), /code 0 is unknown/);
});
