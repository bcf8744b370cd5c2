import assert from "node:assert/strict";
import { test } from "node:test";
import { collect } from "./collect.ts";
import { type ParsedVisit, parseVisits, pythonJson } from "./parsed_visit.ts";

const MINUTE_MS = 60_000;
const VISIT_ID = /^\d{15}_\d+$/;
const USER_ID =
  /^\d{15}_[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const PAGE =
  /^(index|contact|home|main|about|categories|(category|page)_([1-9]|1\d|20))$/;

test("VisitGenerator makes the same bytes from the same seed", () => {
  const flaws = {
    latePercent: 5,
    duplicatePercent: 5,
    missingPercent: 5,
    unprocessablePercent: 5,
  };
  const { records } = collect(5000, flaws);
  assert.deepEqual(collect(5000, flaws).records, records);
  assert.notDeepEqual(collect(5000, { ...flaws, seed: 2 }).records, records);
});

test("VisitGenerator makes visits with the seed's members and spacing", () => {
  const { records } = collect(5000, { active: 300 });
  for (const { key, value } of records) {
    const visit = JSON.parse(value);
    assert.equal(pythonJson(visit), value);
    assert.equal(key, visit.visit_id);
    assert.match(visit.visit_id, VISIT_ID);
    assert.match(visit.user_id, USER_ID);
    assert.match(visit.page, PAGE);
    assert.equal(typeof visit.keep_private, "boolean");
  }
  const [first] = parseVisits(records);
  assert.deepEqual(Object.keys(first!), [
    "visit_id",
    "event_time",
    "user_id",
    "keep_private",
    "page",
    "context",
  ]);
  const { user, technical, ...rest } = first!.context;
  assert.deepEqual(Object.keys(rest), ["referral", "ad_id"]);
  assert.deepEqual(Object.keys(user), ["ip", "login", "connected_since"]);
  assert.deepEqual(Object.keys(technical), [
    "browser",
    "browser_version",
    "network_type",
    "device_type",
    "device_version",
  ]);
});

test("VisitGenerator makes visits of 400 to 540 bytes, 470 on average", () => {
  const { records } = collect(20_000);
  const lengths = records.map(({ value }) => value.length);
  assert.ok(Math.min(...lengths) >= 400);
  assert.ok(Math.max(...lengths) <= 540);
  const mean = lengths.reduce((sum, length) => sum + length) / lengths.length;
  assert.ok(mean > 450 && mean < 490, `the mean is ${mean}`);
});

test("VisitGenerator uses all pages, and private visits are about 1 in 7", () => {
  const visits = parseVisits(collect(20_000).records);
  assert.equal(new Set(visits.map(({ page }) => page)).size, 46);
  const visitors = new Map(visits.map((v) => [v.visit_id, v.keep_private]));
  const hidden = [...visitors.values()].filter(Boolean).length;
  const share = hidden / visitors.size;
  assert.ok(share > 0.11 && share < 0.18, `the share is ${share}`);
});

test("VisitGenerator keeps a visitor's user and context on all its pages", () => {
  const first = new Map<string, ParsedVisit>();
  for (const visit of parseVisits(collect(5000, { active: 100 }).records)) {
    const known = first.get(visit.visit_id) ?? visit;
    first.set(visit.visit_id, known);
    assert.equal(visit.user_id, known.user_id);
    assert.equal(visit.keep_private, known.keep_private);
    assert.deepEqual(visit.context, known.context);
  }
  const users = [...first.values()].map(({ user_id }) => user_id);
  assert.equal(new Set(users).size, first.size);
});

test("VisitGenerator lets visitors send 5 to 20 pages, minutes apart", () => {
  const times = new Map<string, number[]>();
  for (const visit of parseVisits(collect(40_000, { active: 200 }).records)) {
    const ofVisitor = times.get(visit.visit_id) ?? [];
    times.set(visit.visit_id, ofVisitor);
    ofVisitor.push(Date.parse(visit.event_time));
  }
  // The last ones are cut off by the end of the run.
  const complete = [...times.values()].slice(0, -500);
  let quickSteps = 0;
  for (const ofVisitor of complete) {
    assert.ok(ofVisitor.length >= 5 && ofVisitor.length <= 20);
    for (let i = 1; i < ofVisitor.length; i++) {
      const step = (ofVisitor[i]! - ofVisitor[i - 1]!) / 1000;
      if (step <= 30) quickSteps++;
      else assert.ok(step >= 60 && step <= 300, `the step is ${step} s`);
      assert.ok(step >= 1);
    }
  }
  assert.ok(quickSteps > 10 && quickSteps < 400, `${quickSteps} quick steps`);
  const pages = complete.reduce((sum, { length }) => sum + length, 0);
  const mean = pages / complete.length;
  assert.ok(mean > 12 && mean < 13, `${mean} pages on average`);
});

test("VisitGenerator is out of order by 5 minutes at most when none is late", () => {
  const visits = parseVisits(collect(50_000).records);
  let latest = Date.parse("2024-06-01T00:00:00Z");
  let outOfOrder = 0;
  for (const { event_time } of visits) {
    const time = Date.parse(event_time);
    assert.match(event_time, /\+00:00$/);
    assert.ok(time >= latest - 5 * MINUTE_MS);
    if (time < latest) outOfOrder++;
    latest = Math.max(latest, time);
  }
  assert.ok(outOfOrder > 1000);
  // 50,000 visits of 5,000 visitors with 3 minutes between: half an hour.
  const hours = (latest - Date.parse("2024-06-01T00:00:00Z")) / 3_600_000;
  assert.ok(hours > 0.3 && hours < 0.8, `${hours} hours`);
});

test("VisitGenerator begins at the start time and goes on beyond midnight", () => {
  const startTimeMs = Date.UTC(1999, 11, 31, 23, 50);
  const visits = parseVisits(
    collect(5000, { startTimeMs, active: 500 }).records,
  );
  const days = new Set(visits.map(({ event_time }) => event_time.slice(0, 10)));
  assert.deepEqual([...days].sort(), ["1999-12-31", "2000-01-01"]);
  assert.match(visits[0]!.event_time, /^1999-12-31T23:50:0/);
});

test("VisitGenerator works with a single visitor at a time", () => {
  const visits = parseVisits(collect(1000, { active: 1 }).records);
  assert.ok(new Set(visits.map(({ visit_id }) => visit_id)).size > 50);
});
