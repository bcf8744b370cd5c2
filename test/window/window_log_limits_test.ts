import assert from "node:assert/strict";
import { test } from "node:test";
import { restoreFrom } from "../support/log_model.ts";
import { recordsOf } from "../support/log_record.ts";
import { LoggedStore } from "../support/logged_store.ts";
import { at, ORIGIN_MS } from "../support/small_windows.ts";
import { VerifiedStore } from "../support/verified_store.ts";

const RECORD_BYTES_MAX = 512 * 1024;
const ALONE = { shard: 0, shardCount: 1 };

/** What both put out at the end. */
function assertSameEnd(a: LoggedStore, b: LoggedStore): void {
  const [last, restored] = [a, b].map(({ driver }) => {
    driver.advanceTo(Infinity);
    return driver.firings.at(-1)!.value;
  });
  // Not with `equal`, which would print megabytes.
  assert.ok(last!.length > 0 && restored === last, "another value");
}

function visitsFrom(first: number, count: number, page: string) {
  return Array.from({ length: count }, (_, i) =>
    at((first + i) % 5000, { offset: first + i, page: `${page}${first + i}` }),
  );
}

test("a session larger than a record is a put and grows of one commit", () => {
  const logged = new LoggedStore();
  logged.driver.apply(visitsFrom(0, 9000, "p".repeat(100)));
  const records = logged.commitRecords();
  assert.deepEqual(
    records.map(({ kind }) => kind),
    ["put", "grow"],
  );
  assert.ok(records.every(({ length }) => length <= RECORD_BYTES_MAX));
  assert.ok(records.every(({ behind }) => behind === 0));
  assert.equal(logged.restored().store.openVisits, 9000);
  logged.driver.apply(visitsFrom(9000, 9000, "q".repeat(100)));
  const grows = logged.commitRecords();
  assert.deepEqual(
    grows.map(({ kind }) => kind),
    ["grow", "grow"],
  );
  assertSameEnd(logged, logged.restored());
});

test("pages, keys and users of a MiB are cut into records", () => {
  const long = (letter: string) => letter.repeat(1024 * 1024);
  const logged = new LoggedStore();
  logged.driver.apply([
    at(0, { visitId: long("k"), userId: long("u"), page: long("p") }),
    at(1, { visitId: long("k"), userId: long("v"), page: "short" }),
    at(2, { visitId: long("k"), userId: long("w"), page: long("q") }),
  ]);
  const records = logged.commitRecords();
  assert.ok(records.every(({ length }) => length <= RECORD_BYTES_MAX));
  assert.ok(records.some(({ behind }) => behind > 0));
  assert.ok(logged.log.batches.every((it) => it.records.length < 1024 * 1024));
  // A user is written once a commit, however many records there are.
  const bytes = records.reduce((sum, { length }) => sum + length, 0);
  assert.ok(bytes < 4.1 * 1024 * 1024, `${bytes} bytes`);
  assertSameEnd(logged, logged.restored());
});

test("an export stops where it is told to, and nothing changes meanwhile", () => {
  const logged = new LoggedStore();
  const { store, driver, log } = logged;
  const visitors = Array.from({ length: 50 }, (_, offset) =>
    at(0, { visitId: `visitor ${offset}`, offset }),
  );
  driver.apply(visitors);
  assert.equal(store.exportChanges(1, 1000), false);
  assert.ok(store.changeBytes >= 1000 && store.changeBytes < 1500);
  assert.throws(() => driver.apply([at(1)]), /export of changes is unfinished/);
  assert.throws(() => driver.advanceTo(ORIGIN_MS), /unfinished/);
  assert.throws(() => store.renew(0, 1, 1), /unfinished/);
  assert.throws(() => store.logStates(), /unfinished/);
  assert.throws(() => store.reassign(new Set(), 0), /unfinished/);
  assert.throws(() => store.exportChanges(2, 1000), /commit 2 does not follow/);
  log.append(1, store.takeChanges());
  assert.equal(store.changeBytes, 0);
  while (!store.exportChanges(1, 1000)) log.append(1, store.takeChanges());
  log.append(1, store.takeChanges());
  assert.equal(recordsOf(log.batches).length, 50);
  assert.equal(logged.restored().store.openSessions, 50);
});

test("an export can stop amid a session", () => {
  const logged = new LoggedStore({ recordBytes: 200 });
  logged.driver.apply(visitsFrom(0, 200, "page "));
  const records = logged.commitRecords(1);
  assert.ok(records.length > 5);
  assert.deepEqual(
    records.map(({ kind }) => kind),
    ["put", ...records.slice(1).map(() => "grow")],
  );
  assertSameEnd(logged, logged.restored());
});

test("commits count up from 1", () => {
  const { store } = new LoggedStore();
  for (const wrong of [0, -1, 1.5, 2 ** 31, Number.NaN]) {
    assert.throws(() => store.exportChanges(wrong, 1), RangeError);
  }
  assert.equal(store.exportChanges(2 ** 31 - 1, 1), true);
  assert.throws(() => store.exportChanges(7, 1), /commit 7 does not follow/);
});

test("a store that keeps no changes has none", () => {
  const store = new VerifiedStore({ gapMs: 1, allowedLatenessMs: 1 });
  assert.equal(store.changeBytes, 0);
  assert.deepEqual(store.takeChanges(), []);
  assert.throws(() => store.exportChanges(1, 1), /none are kept/);
  assert.throws(() => store.renew(0, 1, 1), /none are kept/);
  assert.throws(
    () => store.restore(Buffer.alloc(0), 0, ALONE),
    /none are kept/,
  );
});

test("changes are kept from the beginning, in records of some size", () => {
  const { store, driver } = new LoggedStore();
  assert.throws(() => store.keepChanges({ logRecordBytesMax: 63 }), RangeError);
  driver.apply([at(0)]);
  assert.throws(() => store.keepChanges({}), /there are windows already/);
});

test("windows that have no deadlines yet take no visits", () => {
  const logged = new LoggedStore();
  logged.driver.apply([at(0)]);
  logged.commit();
  const other = new LoggedStore();
  restoreFrom(other.store, logged.log.batches);
  assert.throws(() => other.driver.apply([at(1)]), /have no deadlines yet/);
  assert.throws(() => other.driver.advanceTo(0), /have no deadlines yet/);
  other.store.reassign(new Set(), -Infinity);
  other.driver.apply([at(1)]);
  assert.equal(other.store.openVisits, 2);
});

test("what is noted moves with the memory when that is given back", () => {
  const logged = new LoggedStore();
  const { store, driver } = logged;
  const page = "p".repeat(3000);
  const many = Array.from({ length: 8000 }, (_, offset) =>
    at(offset % 7, { visitId: `visitor ${offset}`, offset, page }),
  );
  driver.apply(many);
  driver.apply([at(90_000, { visitId: "stays", offset: 8000 })]);
  logged.commit(1 << 20);
  driver.apply([at(90_001, { visitId: "stays", offset: 8001 })]);
  const { bytesHeld } = store;
  driver.advanceTo(ORIGIN_MS + 60_000);
  assert.ok(store.bytesHeld < bytesHeld / 2, "no memory was given back");
  const kinds = Map.groupBy(logged.commitRecords(), ({ kind }) => kind);
  assert.equal(kinds.get("gone")!.length, 8000);
  assert.deepEqual(
    kinds.get("grow")!.map(({ id }) => id),
    ["0-8000"],
  );
  assertSameEnd(logged, logged.restored());
});
