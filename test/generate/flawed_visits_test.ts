import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "../../src/errors.ts";
import { collect } from "./collect.ts";
import { parseVisits, pythonJson } from "./parsed_visit.ts";

const MINUTE_MS = 60_000;
const VISIT_ID = /^\d{15}_\d+$/;

test("VisitGenerator makes late visits that are 21 to 90 minutes behind", () => {
  const { records, counts } = collect(50_000, { latePercent: 10 });
  let latest = 0;
  let late = 0;
  let beyondLateness = 0;
  for (const { event_time } of parseVisits(records)) {
    const time = Date.parse(event_time);
    const behindMs = latest - time;
    if (behindMs > 20 * MINUTE_MS) late++;
    if (behindMs > 45 * MINUTE_MS) beyondLateness++;
    assert.ok(behindMs <= 95 * MINUTE_MS);
    latest = Math.max(latest, time);
  }
  assert.equal(late, counts.late);
  assert.ok(late > 4500 && late < 5500, `${late} late visits`);
  assert.ok(beyondLateness > late / 2);
});

test("VisitGenerator makes duplicates in addition, at once and later", () => {
  const { records, counts } = collect(20_000, { duplicatePercent: 10 });
  assert.equal(counts.visits, 20_000);
  assert.equal(counts.records, records.length);
  assert.equal(counts.duplicates, records.length - 20_000);
  assert.ok(counts.duplicates > 1800 && counts.duplicates < 2200);
  const seen = new Map<string, number>();
  let atOnce = 0;
  let later = 0;
  records.forEach(({ key, value }, index) => {
    const before = seen.get(value);
    if (before === index - 1) atOnce++;
    else if (before !== undefined) later++;
    seen.set(value, index);
    assert.equal(key, JSON.parse(value).visit_id);
  });
  assert.equal(atOnce + later, counts.duplicates);
  assert.ok(Math.min(atOnce, later) > 700);
});

test("VisitGenerator takes a member away, or makes it null, when missing", () => {
  const { records, counts } = collect(10_000, { missingPercent: 40 });
  const gone = new Map<string, number>();
  const nulls = new Map<string, number>();
  let flawed = 0;
  for (const { key, value } of records) {
    const visit = JSON.parse(value);
    assert.equal(pythonJson(visit), value);
    const names = "visit_id event_time user_id keep_private page context";
    const missing = names.split(" ").filter((name) => visit[name] == null);
    assert.ok(missing.length <= 1);
    for (const name of missing) {
      flawed++;
      const map = name in visit ? nulls : gone;
      map.set(name, (map.get(name) ?? 0) + 1);
    }
    if (visit.visit_id) assert.equal(key, visit.visit_id);
    else assert.match(key, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  }
  assert.equal(flawed, counts.missing);
  assert.ok(flawed > 3700 && flawed < 4300, `${flawed} with a missing member`);
  for (const map of [gone, nulls]) {
    assert.equal(map.size, 6);
    assert.ok(Math.min(...map.values()) > 200);
  }
});

test("VisitGenerator makes unprocessable records that are no visits", () => {
  const { records, counts } = collect(10_000, { unprocessablePercent: 30 });
  const unreadable = records.filter(({ key, value }) => {
    assert.match(key, VISIT_ID);
    assert.ok(value.length > 0 && !value.includes("\n"));
    return !isVisit(value);
  });
  assert.equal(unreadable.length, counts.unprocessable);
  assert.ok(unreadable.length > 2700 && unreadable.length < 3300);
});

function isVisit(value: string): boolean {
  try {
    const { visit_id, event_time } = JSON.parse(value);
    return (
      typeof visit_id === "string" && !Number.isNaN(Date.parse(event_time))
    );
  } catch {
    return false;
  }
}

test("VisitGenerator refuses percentages that add up to more than 100", () => {
  assert.throws(
    () => collect(1, { latePercent: 50, missingPercent: 60 }),
    new UsageError(
      "Cannot generate visits: late, missing and unprocessable percent add up to 110, expected at most 100",
    ),
  );
});
