import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../../src/generate/random.ts";
import { canonicalString } from "../../src/window/canonical_json.ts";
import {
  REJECTION_REASONS,
  type RejectionReason,
  rejectionReason,
  VISIT,
} from "../../src/window/rejection.ts";
import type { ParsedVisit } from "../../src/window/visit_parser.ts";
import { readStrictVisit } from "../reference/strict_visit.ts";
import { DealtShards } from "../support/dealt_shards.ts";
import {
  LIKE_KEYS,
  mutated,
  SAMPLE_RECORDS,
} from "../support/json_mutations.ts";
import type { ReadRow } from "../support/read_rows.ts";

const MUTATIONS = 200_000;
const BATCH = 2000;
/** They depend on more than the record. */
const OTHER_REASONS = ["too_large", "event_time_too_far_ahead", "session_full"];
/** Reasons that the reference gives to one record or another. */
const REASONS_SEEN = REJECTION_REASONS.filter(
  (reason) => !OTHER_REASONS.includes(reason),
);

/** A record, and what it is whatever came before it. */
interface Judged {
  readonly value: Buffer;
  readonly expected: string;
}

test("a record is the same whatever came before, on any number of shards", () => {
  const random = new Random(20241127);
  const samples = [
    ...SAMPLE_RECORDS,
    ...LIKE_KEYS.map((text) => Buffer.from(text)),
  ];
  const records: Judged[] = [];
  while (records.length < MUTATIONS) {
    const sample = samples[random.below(samples.length)]!;
    const value = random.below(8) === 0 ? sample : mutated(random, sample);
    records.push({ value, expected: expectedText(readStrictVisit(value)) });
  }
  assertAllSorts(records);
  const shardings = [
    ...[1, 3].map((count) => new DealtShards(count)),
    new DealtShards(3, { isShared: true }),
  ];
  for (const order of [records, shuffled(random, records)]) {
    for (let from = 0; from < order.length; from += BATCH) {
      const batch = order.slice(from, from + BATCH);
      for (const shards of shardings) assertBatch(shards, batch);
    }
  }
});

function assertBatch(shards: DealtShards, batch: readonly Judged[]): void {
  const rows = shards.apply(batch.map(({ value }) => value));
  for (const [index, { value, expected }] of batch.entries()) {
    const actual = rowText(rows[index]!);
    // A message for each would take longer than all the rest.
    if (actual !== expected) assert.equal(actual, expected, String(value));
  }
}

/** The records are of all sorts, or the test would show little. */
function assertAllSorts(records: readonly Judged[]): void {
  const counts = new Map<string, number>();
  for (const { expected } of records) {
    const sort = expected.startsWith("[") ? "visit" : expected;
    counts.set(sort, (counts.get(sort) ?? 0) + 1);
  }
  assert.deepEqual(
    [...counts.keys()].sort(),
    [...REASONS_SEEN, "visit"].sort(),
  );
  assert.ok(counts.get("visit")! > MUTATIONS / 10);
}

function expectedText(visit: ParsedVisit | RejectionReason): string {
  if (typeof visit === "string") return visit;
  const { visitId, eventTime, page, userId, timestampMs } = visit;
  const texts = [visitId, eventTime, page, userId].map((text) =>
    text === null ? null : canonicalString(text),
  );
  return JSON.stringify([...texts, Math.floor(timestampMs / 1000)]);
}

function rowText(row: ReadRow): string {
  if (row.outcome !== VISIT) return rejectionReason(row.outcome);
  const { visitId, eventTime, page, userId, timestampMs } = row;
  return JSON.stringify([
    visitId,
    eventTime,
    page,
    userId,
    timestampMs! / 1000,
  ]);
}

function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const result = [...items];
  for (let last = result.length - 1; last > 0; last--) {
    const other = random.below(last + 1);
    [result[last], result[other]] = [result[other]!, result[last]!];
  }
  return result;
}
