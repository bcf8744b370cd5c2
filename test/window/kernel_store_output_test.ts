import assert from "node:assert/strict";
import { test } from "node:test";
import { CollectingOutput } from "../support/collecting_output.ts";
import {
  at,
  createStore,
  drive,
  GAP_MS,
  LATENESS_MS,
  ORIGIN_MS,
} from "../support/small_windows.ts";
import { buildColumns } from "../support/visit_columns_builder.ts";

test("pages come in string order of mixed offsets, equal ones as arrived", () => {
  const times = [
    "2024-06-01T05:30:03+05:30",
    "2024-06-01T00:00:02Z",
    "2024-06-01T00:00:02.000Z",
    "2024-06-01 00:00:04+00:00",
    "2024-06-01T00:00:02Z",
    "2024-06-01T00:00:05+00:00",
  ];
  const driver = drive();
  driver.apply(
    times.map((eventTime, i) => ({ visitId: "a", eventTime, page: `p${i}` })),
  );
  driver.advanceTo(Infinity);
  const session = JSON.parse(driver.firings[0]!.value);
  assert.deepEqual(
    session.visited_pages[0].map((it: { page: string }) => it.page),
    ["p3", "p2", "p1", "p4", "p5", "p0"],
  );
  assert.equal(session.start_time, times[3]);
  assert.equal(session.end_time, times[0]);
});

test("null pages and users are null; the user is of the last arrival", () => {
  const driver = drive();
  driver.apply([
    at(0, { page: null, userId: "short" }),
    at(1000, { page: "", userId: null }),
  ]);
  driver.advanceTo(ORIGIN_MS + GAP_MS + 1000);
  driver.apply([
    at(500, { page: 'a"ö', userId: "a much longer user 😀".repeat(9) }),
  ]);
  const [first, second] = driver.firings.map((it) => JSON.parse(it.value));
  assert.deepEqual(first.user_id, [null]);
  assert.deepEqual(second.user_id, ["a much longer user 😀".repeat(9)]);
  assert.deepEqual(
    second.visited_pages[0].map((it: { page: string }) => it.page),
    [null, 'a"ö', ""],
  );
});

test("long strings come out as they came in", () => {
  const text = "x".repeat(200_000);
  const eventTime = `2024-06-01T00:00:00.${"0".repeat(300)}Z`;
  const driver = drive();
  const long = { visitId: text, page: text, userId: text, eventTime };
  driver.apply([
    long,
    { ...long, page: "y".repeat(254) },
    { ...long, page: "z".repeat(253) },
  ]);
  driver.advanceTo(Infinity);
  const session = JSON.parse(driver.firings[0]!.value);
  assert.equal(session.visit_id, text);
  assert.equal(session.start_time, eventTime);
  assert.deepEqual(
    session.visited_pages[0].map((it: { page: string }) => it.page.length),
    [200_000, 254, 253],
  );
});

test("applyVisits goes on where a full output stopped it", () => {
  const store = createStore();
  store.advanceTo(ORIGIN_MS + GAP_MS + LATENESS_MS - 2, new CollectingOutput());
  const columns = buildColumns([at(0), at(-86_400_000), at(86_400_000), at(1)]);
  const out = new CollectingOutput(1);
  assert.equal(store.applyVisits(columns, 0, out), 1);
  assert.equal(store.applyVisits(columns, 1, out), 2);
  assert.equal(store.applyVisits(columns, 2, out), 4);
  assert.deepEqual(out.lateIndexes, [1]);
  assert.equal(out.firings.length, 2);
});

test("advanceTo goes on where a full output stopped it", () => {
  const store = createStore();
  const visits = [0, 1, 2].map((i) => at(i * 500, { visitId: `v${i}` }));
  store.applyVisits(buildColumns(visits), 0, new CollectingOutput());
  const out = new CollectingOutput(1);
  for (let fired = 1; fired <= 3; fired++) {
    assert.equal(store.advanceTo(Infinity, out), false);
    assert.equal(out.firings.length, fired);
    if (fired === 3) break;
    const none = buildColumns([]);
    assert.throws(() => store.applyVisits(none, 0, out), /step is unfinished/);
  }
  assert.equal(store.advanceTo(Infinity, out), true);
  assert.equal(out.firings.length, 3);
});
