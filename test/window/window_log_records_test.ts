import assert from "node:assert/strict";
import { test } from "node:test";
import { recordsOf } from "../support/log_record.ts";
import { LoggedStore } from "../support/logged_store.ts";
import {
  at,
  GAP_MS,
  LATENESS_MS,
  ORIGIN_MS,
} from "../support/small_windows.ts";

const FIRED_MS = ORIGIN_MS + GAP_MS;
const GONE_MS = FIRED_MS + LATENESS_MS;
/** Kind, hash, id; and of a message parts, length, visits, revision, unfired. */
const FRONT_BYTES = 1 + 4 + 2;
const HEAD_BYTES = 5;

test("a session is put once, grows with its visits, and goes", () => {
  const logged = new LoggedStore();
  const { driver } = logged;
  driver.apply([at(0), at(0, { visitId: "b" }), at(1)]);
  assert.deepEqual(logged.commit(), ["put 0-0", "put 0-1"]);
  driver.apply([at(2, { offset: 3 })]);
  assert.deepEqual(logged.commit(), ["grow 0-0"]);
  driver.advanceTo(GONE_MS);
  assert.deepEqual(logged.commit().sort(), ["gone 0-1", "grow 0-0"]);
  driver.advanceTo(Infinity);
  assert.deepEqual(logged.commit(), ["gone 0-0"]);
  assert.deepEqual(logged.commit(), []);
  assert.deepEqual(logged.store.logStates(), []);
});

test("what has not changed is not written", () => {
  const logged = new LoggedStore();
  logged.driver.apply([at(0), at(0, { visitId: "b" })]);
  logged.commit();
  assert.deepEqual(logged.commit(), []);
  // A watermark that fires nothing is no change, nor is a late visit.
  logged.driver.advanceTo(ORIGIN_MS);
  logged.driver.apply([at(-10 * LATENESS_MS, { visitId: "late" })]);
  assert.deepEqual(logged.commit(), []);
});

test("a session that opens and goes between two commits is not written", () => {
  const logged = new LoggedStore();
  logged.driver.apply([at(0)]);
  logged.driver.advanceTo(GONE_MS);
  assert.equal(logged.driver.firings.length, 1);
  assert.deepEqual(logged.commit(), []);
});

test("a session that changes and goes between two commits is gone alone", () => {
  const logged = new LoggedStore();
  logged.driver.apply([at(0)]);
  logged.commit();
  logged.driver.apply([at(1, { offset: 1 })]);
  logged.driver.advanceTo(GONE_MS + 1);
  assert.deepEqual(logged.commit(), ["gone 0-0"]);
});

test("a firing without new visits is a grow of the head alone", () => {
  const logged = new LoggedStore();
  logged.driver.apply([at(0, { userId: "user" })]);
  logged.commit();
  logged.driver.advanceTo(FIRED_MS);
  const [grow, ...others] = logged.commitRecords();
  assert.deepEqual(others, []);
  assert.equal(grow!.kind, "grow");
  assert.equal(grow!.length, FRONT_BYTES + HEAD_BYTES);
});

test("a grow says of a session only what has changed", () => {
  const logged = new LoggedStore();
  const grows = [
    at(5000, { userId: "user" }),
    at(6000, { userId: "user" }),
    at(4000, { userId: "user" }),
    at(7000, { userId: "other" }),
    at(8000, { userId: null }),
    at(9000, { userId: null }),
  ].map((visit, offset) => {
    logged.driver.apply([{ ...visit, offset }]);
    return logged.commitRecords()[0]!.length;
  });
  // The visit is its lengths, a digit of its time and "home".
  const least = FRONT_BYTES + 3 + (3 + 1 + 4);
  // A start is 5 bytes, in seconds.
  assert.deepEqual(grows.slice(1), [
    least,
    least + 5,
    least + 1 + "other".length,
    least + 1,
    least,
  ]);
  const [before, after] = [logged, logged.restored()].map(({ driver }) => {
    driver.advanceTo(Infinity);
    return driver.firings.at(-1)!.value;
  });
  assert.equal(after, before);
});

test("a merge puts the survivor whole, and the other is gone if it was put", () => {
  const logged = new LoggedStore();
  const { driver } = logged;
  driver.apply([at(0), at(2 * GAP_MS)]);
  logged.commit();
  driver.apply([at(GAP_MS, { offset: 2 })]);
  assert.deepEqual(logged.commit(), ["gone 0-1", "put 0-0"]);
  // The one that is swallowed was never put.
  driver.apply([at(5 * GAP_MS, { offset: 3 }), at(4 * GAP_MS, { offset: 4 })]);
  driver.apply([at(3 * GAP_MS, { offset: 5 })]);
  assert.deepEqual(logged.commit(), ["put 0-0"]);
});

test("a merge across partitions is in the logs of both", () => {
  const logged = new LoggedStore();
  const { driver } = logged;
  driver.apply([
    at(0, { partition: 2, offset: 7 }),
    at(2 * GAP_MS, { partition: 1, offset: 8 }),
  ]);
  logged.commit();
  driver.apply([at(GAP_MS, { partition: 1, offset: 9 })]);
  const [gone, put] = logged.commitRecords();
  assert.deepEqual([gone!.kind, gone!.id, gone!.partition], ["gone", "1-8", 1]);
  assert.deepEqual([put!.kind, put!.id, put!.partition], ["put", "2-7", 2]);
  assert.equal(put!.isMixed, true);
});

test("a swallowed session that had fired and waits is not written again", () => {
  const logged = new LoggedStore();
  const { driver } = logged;
  driver.apply([at(0), at(GAP_MS + 2000)]);
  driver.advanceTo(ORIGIN_MS + 2 * GAP_MS + 2000);
  logged.commit();
  driver.apply([at(5000, { offset: 2 })]);
  assert.deepEqual(logged.commit(), ["gone 0-1", "put 0-0"]);
  // Its block stays until its deadline comes up.
  driver.advanceTo(Infinity);
  assert.deepEqual(logged.commit(), ["gone 0-0"]);
});

test("the state of a log names its oldest put and the bytes of live records", () => {
  const logged = new LoggedStore();
  const { driver, store } = logged;
  driver.apply([at(0), at(0, { visitId: "b", offset: 5, partition: 3 })]);
  logged.commit();
  driver.apply([at(5000, { visitId: "c", offset: 6 }), at(1, { offset: 7 })]);
  logged.commit();
  const bytesOf = (partition: number) =>
    recordsOf(logged.log.batches)
      .filter((record) => record.partition === partition)
      .reduce((sum, record) => sum + record.recordBytes, 0);
  assert.deepEqual(store.logStates(), [
    { partition: 0, oldestCommit: 1, liveBytes: bytesOf(0) },
    { partition: 3, oldestCommit: 1, liveBytes: bytesOf(3) },
  ]);
  // The first two are gone; "c" was put by the second commit, and fires.
  driver.advanceTo(GONE_MS + 1);
  assert.throws(() => store.logStates(), /which sessions are gone/);
  logged.commit();
  const ofC = recordsOf(logged.log.batches).filter(({ id }) => id === "0-6");
  const liveBytes = ofC.reduce((sum, record) => sum + record.recordBytes, 0);
  assert.deepEqual(store.logStates(), [
    { partition: 0, oldestCommit: 2, liveBytes },
  ]);
});

test("partitions that go to another are not said to be gone", () => {
  const logged = new LoggedStore();
  const { driver, store } = logged;
  driver.apply([at(0), at(0, { visitId: "b", partition: 1, offset: 9 })]);
  driver.apply([at(0, { visitId: "c", partition: 1, offset: 10 })]);
  logged.commit();
  driver.apply([at(1, { visitId: "b", partition: 1, offset: 11 }), at(1)]);
  // One is gone that the log of partition 1 has, and is not told of it.
  driver.apply([at(30_000, { visitId: "d", partition: 1, offset: 12 })]);
  driver.advanceTo(ORIGIN_MS + GAP_MS - 1 + LATENESS_MS);
  store.reassign(new Set([1]), -Infinity);
  assert.deepEqual(logged.commit(), ["grow 0-0"]);
  assert.deepEqual(
    store.logStates().map(({ partition }) => partition),
    [0],
  );
});
