import assert from "node:assert/strict";
import { test } from "node:test";
import { type LogRecord, nameOf, recordsOf } from "../support/log_record.ts";
import { LoggedStore } from "../support/logged_store.ts";
import {
  at,
  GAP_MS,
  LATENESS_MS,
  ORIGIN_MS,
} from "../support/small_windows.ts";
import type { SimpleVisit } from "../support/visit_columns_builder.ts";

const GONE_MS = ORIGIN_MS + GAP_MS + LATENESS_MS;

test("renewal puts the oldest anew, as many as asked for, once a commit", () => {
  const logged = new LoggedStore();
  const { driver, store } = logged;
  for (const [offset, visitId] of ["a", "b", "c", "d"].entries()) {
    driver.apply([at(0, { visitId, offset })]);
    logged.commit();
  }
  const each = store.logStates()[0]!.liveBytes / 4;
  store.renew(0, 4, 2 * each);
  // Not before it is written: the old put is needed.
  assert.equal(store.logStates()[0]!.oldestCommit, 1);
  driver.apply([at(1, { offset: 4 })]);
  assert.deepEqual(logged.commit(), ["put 0-0", "put 0-1"]);
  assert.equal(store.logStates()[0]!.oldestCommit, 3);
  store.renew(0, 4, Infinity);
  assert.deepEqual(logged.commit(), ["put 0-2"]);
  assert.equal(store.logStates()[0]!.oldestCommit, 4);
  store.renew(0, 4, Infinity);
  store.renew(9, 4, Infinity);
  assert.deepEqual(logged.commit(), []);
});

test("a session that is to be renewed and goes is gone", () => {
  const logged = new LoggedStore();
  logged.driver.apply([at(0)]);
  logged.commit();
  logged.store.renew(0, 2, Infinity);
  logged.driver.advanceTo(GONE_MS);
  assert.deepEqual(logged.commit(), ["gone 0-0"]);
});

/** A store that commits after each visit, all of one session. */
function committedOneByOne(
  visits: number,
  others: (index: number) => Partial<SimpleVisit> = () => ({}),
): LoggedStore {
  const logged = new LoggedStore();
  for (let index = 0; index < visits; index++) {
    logged.driver.apply([at(index, { offset: index, ...others(index) })]);
    logged.commit();
  }
  return logged;
}

function bytesOf(records: readonly LogRecord[]): number {
  return records.reduce((sum, { recordBytes }) => sum + recordBytes, 0);
}

test("a session that many short records tell of is put whole now and then", () => {
  const logged = committedOneByOne(200);
  const records = recordsOf(logged.log.batches);
  const puts = records.filter(({ kind }) => kind === "put");
  assert.ok(puts.length >= 3 && puts.length <= 8, `${puts.length} puts`);
  assert.ok(bytesOf(records) < 2 * bytesOf(records.filter(isFirstOrGrow)));
  const [state] = logged.store.logStates();
  assert.equal(state!.oldestCommit, puts.at(-1)!.commit);
  // What a restore reads is as long as two puts, and a record, at most.
  const restored = logged.restored();
  logged.store.renew(0, state!.oldestCommit + 1, Infinity);
  const whole = logged.commitRecords();
  const longest = Math.max(...records.map(({ recordBytes }) => recordBytes));
  assert.ok(state!.liveBytes <= 2 * bytesOf(whole) + longest);
  assert.equal(restored.store.openVisits, 200);
  restored.driver.apply([at(200, { offset: 200 })]);
  assert.deepEqual(restored.commit(), ["grow 0-0"]);
});

function isFirstOrGrow({ kind, commit }: LogRecord): boolean {
  return kind === "grow" || commit === 1;
}

test("a session is not put again where that would not be much shorter", () => {
  const grows = Array.from({ length: 99 }, () => "grow 0-0");
  const isGrown = ({ log }: LoggedStore) =>
    assert.deepEqual(recordsOf(log.batches).map(nameOf), ["put 0-0", ...grows]);
  isGrown(committedOneByOne(100, () => ({ page: "p".repeat(60) })));
  // Its times stand as they are, since the first of them has another length.
  const eventTime = (index: number) =>
    new Date(ORIGIN_MS + index).toISOString();
  isGrown(
    committedOneByOne(100, (index) => ({
      page: null,
      eventTime: index === 0 ? "2024-06-01T00:00:00Z" : eventTime(index),
    })),
  );
});
