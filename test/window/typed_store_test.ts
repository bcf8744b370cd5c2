import assert from "node:assert/strict";
import { test } from "node:test";
import { TypedStore } from "../../src/window/typed_store.ts";
import { CollectingOutput } from "../support/collecting_output.ts";
import { type DrivenFiring, StoreDriver } from "../support/store_driver.ts";
import {
  buildColumns,
  type SimpleVisit,
} from "../support/visit_columns_builder.ts";

const GAP_MS = 10_000;
const LATENESS_MS = 20_000;
const ORIGIN_MS = Date.UTC(2024, 5, 1);

test("a session fires when the watermark reaches its end less 1 ms", () => {
  const driver = drive();
  driver.apply([at(0)]);
  driver.advanceTo(ORIGIN_MS + GAP_MS - 2);
  assert.equal(driver.firings.length, 0);
  driver.advanceTo(ORIGIN_MS + GAP_MS - 1);
  const [firing] = driver.firings;
  assert.equal(firing!.endMs, ORIGIN_MS + GAP_MS);
  assert.equal(firing!.closeReason, "gap");
  assert.equal(firing!.causeOffset, -1);
  assert.equal(watermarkOf(firing!), "2024-06-01T00:00:09.999000+00:00");
});

test("visits exactly one gap apart are one session, 1 ms more makes two", () => {
  const touching = drive();
  touching.apply([at(0), at(GAP_MS)]);
  assert.equal(touching.store.openSessions, 1);
  const apart = drive();
  apart.apply([at(0), at(GAP_MS + 1)]);
  assert.equal(apart.store.openSessions, 2);
  const before = drive();
  before.apply([at(GAP_MS), at(0), at(-GAP_MS - 1)]);
  assert.equal(before.store.openSessions, 2);
});

test("a session is gone exactly at its end less 1 ms plus the lateness", () => {
  const goneMs = ORIGIN_MS + GAP_MS - 1 + LATENESS_MS;
  const driver = drive();
  driver.apply([at(0)]);
  driver.advanceTo(goneMs - 1);
  assert.equal(driver.store.openSessions, 1);
  driver.advanceTo(goneMs);
  assert.equal(driver.store.openSessions, 0);
  assert.equal(driver.store.openVisits, 0);
});

test("a visit is late exactly at the lateness of its own window", () => {
  const goneMs = ORIGIN_MS + GAP_MS - 1 + LATENESS_MS;
  const driver = drive();
  driver.advanceTo(goneMs - 1);
  driver.apply([at(0, { visitId: "just in time", offset: 1 })]);
  driver.advanceTo(goneMs);
  driver.apply([at(0, { visitId: "late", offset: 2 })]);
  assert.deepEqual(driver.lateOffsets, [2]);
  assert.equal(driver.firings.length, 1);
});

test("before the first watermark every visit is accepted", () => {
  const driver = drive();
  driver.apply([
    { visitId: "a", eventTime: "0001-01-01T00:00:00Z" },
    { visitId: "a", eventTime: "9999-12-31T23:59:59Z" },
  ]);
  assert.deepEqual(driver.lateOffsets, []);
  driver.advanceTo(Infinity);
  assert.deepEqual(
    driver.firings.map((firing) => JSON.parse(firing.value).start_time),
    ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"],
  );
});

test("a visit whose own window is gone joins a live session it touches", () => {
  const driver = drive();
  driver.apply([at(0)]);
  driver.advanceTo(ORIGIN_MS + LATENESS_MS);
  driver.apply([at(-GAP_MS, { offset: 9 })]);
  assert.deepEqual(driver.lateOffsets, []);
  const [, firing] = driver.firings;
  assert.equal(firing!.visits, 2);
  assert.equal(firing!.closeReason, "late-update");
});

test("a session can be born late and fires on arrival", () => {
  const driver = drive();
  driver.advanceTo(ORIGIN_MS + GAP_MS - 1);
  driver.apply([at(0, { offset: 7 })]);
  const [firing] = driver.firings;
  assert.equal(firing!.closeReason, "late-update");
  assert.equal(firing!.causeOffset, 7);
  assert.equal(firing!.revision, 0);
  assert.equal(firing!.final, false);
});

test("every late visit fires its whole session again, one revision up", () => {
  const driver = drive();
  driver.apply([at(0)]);
  driver.advanceTo(ORIGIN_MS + GAP_MS);
  driver.apply([at(-1), at(-2)]);
  assert.deepEqual(driver.firings.map(summary), [
    { id: "0-0", revision: 0, visits: 1, newVisits: 1 },
    { id: "0-0", revision: 1, visits: 2, newVisits: 1 },
    { id: "0-0", revision: 2, visits: 3, newVisits: 1 },
  ]);
});

test("a merge that moves the end past the watermark waits for the new end", () => {
  const driver = drive();
  driver.apply([at(0)]);
  driver.advanceTo(ORIGIN_MS + GAP_MS - 1);
  driver.apply([at(GAP_MS)]);
  assert.equal(driver.firings.length, 1);
  driver.advanceTo(ORIGIN_MS + 2 * GAP_MS - 2);
  assert.equal(driver.firings.length, 1);
  driver.advanceTo(ORIGIN_MS + 2 * GAP_MS - 1);
  assert.equal(driver.firings.length, 2);
  assert.equal(driver.firings[1]!.newVisits, 1);
  // The deadline of the first end plus lateness means nothing any more.
  driver.advanceTo(ORIGIN_MS + GAP_MS - 1 + LATENESS_MS);
  assert.equal(driver.store.openSessions, 1);
  driver.advanceTo(ORIGIN_MS + 2 * GAP_MS - 1 + LATENESS_MS);
  assert.equal(driver.store.openSessions, 0);
});

test("joining two fired sessions fires the merged one at once", () => {
  const driver = drive();
  driver.apply([at(0), at(GAP_MS + 2000)]);
  driver.advanceTo(ORIGIN_MS + 2 * GAP_MS + 2000);
  driver.apply([at(5000)]);
  assert.deepEqual(driver.firings.at(-1)!.supersedes, ["0-1"]);
  assert.deepEqual(summary(driver.firings.at(-1)!), {
    id: "0-0",
    revision: 1,
    visits: 3,
    newVisits: 1,
  });
});

test("joining a fired and an unfired session is silent until the end", () => {
  const driver = drive();
  driver.apply([at(0), at(GAP_MS + 2000)]);
  driver.advanceTo(ORIGIN_MS + GAP_MS - 1);
  driver.apply([at(5000)]);
  assert.equal(driver.firings.length, 1);
  driver.advanceTo(ORIGIN_MS + 2 * GAP_MS + 1999);
  assert.deepEqual(summary(driver.firings.at(-1)!), {
    id: "0-0",
    revision: 1,
    visits: 3,
    newVisits: 2,
  });
  assert.deepEqual(driver.firings.at(-1)!.supersedes, []);
});

test("a bridge to a session that is gone joins only the live one", () => {
  const driver = drive();
  driver.apply([at(0), at(GAP_MS + 2000)]);
  driver.advanceTo(ORIGIN_MS + GAP_MS - 1 + LATENESS_MS);
  driver.apply([at(5000)]);
  assert.equal(driver.firings.at(-1)!.id, "0-1");
  assert.equal(driver.firings.at(-1)!.visits, 2);
  assert.deepEqual(driver.firings.at(-1)!.supersedes, []);
});

test("a merge takes the higher revision and all swallowed ids, by start", () => {
  const driver = drive({ latenessMs: 60_000 });
  const step = GAP_MS + 2000;
  driver.apply([at(0), at(step), at(2 * step), at(3 * step)]);
  driver.advanceTo(ORIGIN_MS + 3 * step);
  // The third one fires three times more, then the second swallows it.
  driver.apply([at(2 * step), at(2 * step), at(2 * step), at(2 * step - 5000)]);
  const second = driver.firings.at(-1)!;
  assert.deepEqual([second.id, second.revision], ["0-1", 4]);
  assert.deepEqual(second.supersedes, ["0-2"]);
  driver.apply([at(step - 5000)]);
  const first = driver.firings.at(-1)!;
  assert.deepEqual([first.id, first.revision], ["0-0", 5]);
  assert.deepEqual(first.supersedes, ["0-1", "0-2"]);
  // The last one had not fired: swallowing it names nothing, and every later
  // firing still names all.
  driver.apply([at(3 * step - 5000)]);
  driver.advanceTo(Infinity);
  const last = driver.firings.at(-1)!;
  assert.deepEqual([last.id, last.revision, last.visits], ["0-0", 6, 10]);
  assert.deepEqual(last.supersedes, ["0-1", "0-2"]);
});

test("a visit before the start of a session does not change its id", () => {
  const driver = drive();
  driver.apply([at(0, { partition: 3, offset: 5 }), at(-1, { offset: 6 })]);
  driver.advanceTo(Infinity);
  assert.equal(driver.firings[0]!.id, "3-5");
});

test("a step past the lateness gives one firing, which is final", () => {
  const driver = drive();
  driver.apply([at(0)]);
  driver.advanceTo(ORIGIN_MS + GAP_MS + LATENESS_MS);
  assert.equal(driver.firings.length, 1);
  assert.equal(driver.firings[0]!.final, true);
  assert.equal(driver.store.openSessions, 0);
});

test("without lateness a firing is final and the session is gone", () => {
  const driver = drive({ latenessMs: 0 });
  driver.apply([at(0)]);
  driver.advanceTo(ORIGIN_MS + GAP_MS - 1);
  assert.equal(driver.firings[0]!.final, true);
  driver.apply([at(0, { offset: 4 })]);
  assert.deepEqual(driver.lateOffsets, [4]);
});

test("firings of a bulk step come in ascending window end", () => {
  const offsets = [7, 3_600_000, 1500, 90_000, 1501, 86_400_000, 3, 64_000];
  const driver = drive();
  driver.apply(offsets.map((ms) => at(ms, { visitId: `v${ms}` })));
  driver.advanceTo(Infinity);
  assert.deepEqual(
    driver.firings.map((firing) => firing.endMs - GAP_MS - ORIGIN_MS),
    offsets.toSorted((a, b) => a - b),
  );
});

test("+Infinity fires and clears all; what comes then is late", () => {
  const driver = drive();
  driver.apply([at(0), at(0, { visitId: "b" })]);
  driver.advanceTo(Infinity);
  assert.deepEqual(
    driver.firings.map((it) => [it.closeReason, it.final, watermarkOf(it)]),
    Array(2).fill(["end-of-input", true, "9999-12-31T23:59:59.999999+00:00"]),
  );
  driver.apply([at(86_400_000, { offset: 8 })]);
  assert.deepEqual(driver.lateOffsets, [8]);
  assert.equal(driver.store.openSessions, 0);
});

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

test("reassign forgets what the dropped partitions opened", () => {
  const driver = drive();
  driver.apply([
    at(0, { visitId: "mine", partition: 1 }),
    at(0, { visitId: "dropped", partition: 2 }),
    at(60_000, { visitId: "dropped", partition: 2 }),
  ]);
  driver.advanceTo(ORIGIN_MS + 1000);
  driver.store.reassign(new Set([2]), -Infinity);
  assert.equal(driver.store.watermarkMs, -Infinity);
  assert.equal(driver.store.openSessions, 1);
  assert.equal(driver.store.openVisits, 1);
  assert.equal(driver.store.unfiredVisits, 1);
  driver.apply([at(-86_400_000)]);
  driver.advanceTo(Infinity);
  assert.deepEqual(driver.lateOffsets, []);
  assert.deepEqual(
    driver.firings.map((firing) => firing.visitId),
    ["a", "mine"],
  );
});

test("a watermark that goes back is an error", () => {
  const driver = drive();
  driver.advanceTo(5000);
  driver.advanceTo(5000);
  assert.throws(() => driver.advanceTo(4999), RangeError);
});

function createStore(latenessMs = LATENESS_MS): TypedStore {
  return new TypedStore({ gapMs: GAP_MS, allowedLatenessMs: latenessMs });
}

function drive({ latenessMs = LATENESS_MS } = {}): StoreDriver {
  return new StoreDriver(createStore(latenessMs));
}

/** A visit so many ms after the origin. */
function at(ms: number, others: Partial<SimpleVisit> = {}): SimpleVisit {
  const eventTime = new Date(ORIGIN_MS + ms).toISOString();
  return { visitId: "a", eventTime, page: "home", ...others };
}

function summary({ id, revision, visits, newVisits }: DrivenFiring): object {
  return { id, revision, visits, newVisits };
}

function watermarkOf({ value }: DrivenFiring): string {
  return JSON.parse(value).data_processing_context.watermark;
}
