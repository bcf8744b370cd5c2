import assert from "node:assert/strict";
import { test } from "node:test";
import {
  at,
  drive,
  GAP_MS,
  LATENESS_MS,
  ORIGIN_MS,
  summary,
  watermarkOf,
} from "../support/small_windows.ts";

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
