import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { placeOf } from "../../src/record/chunk.ts";
import { WindowRestore } from "../../src/shard/window_restore.ts";
import { chunkOf } from "../support/built_chunk.ts";
import { valuesOf } from "../support/log_record.ts";
import { LoggedStore } from "../support/logged_store.ts";
import { at, GAP_MS, ORIGIN_MS } from "../support/small_windows.ts";
import type { StoreDriver } from "../support/store_driver.ts";
import { accountOf, mark } from "./log_records.ts";

/*
 * Logs that released versions have written, and the sessions that are in them.
 * A file stays as it is for as long as its version is to be read: a version with
 * another layout writes a file of its own, and reads all of them.
 */

/** A line: a record of the log of a partition, or a session that is in it. */
type Line =
  | { readonly partition: number; readonly value: string }
  | { readonly session: object };

const PARAMETERS = { gapMs: GAP_MS, allowedLatenessMs: 60_000 };
const WATERMARK_MS = ORIGIN_MS + 25_000;
const PARTITIONS = [0, 1];
const COMMITS = 3;
const OFFSET = 1000;

function readLog(version: string): Line[] {
  const file = new URL(
    `../fixtures/window_log/${version}.jsonl`,
    import.meta.url,
  );
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as Line);
}

/** What the file of this version has. */
function writeLog(): Line[] {
  const logged = new LoggedStore({ parameters: PARAMETERS, recordBytes: 200 });
  const { driver } = logged;
  const lines: Line[] = [];
  const commit = (number: number) => {
    const { length } = logged.log.batches;
    logged.commit();
    for (const partition of PARTITIONS) {
      const batches = logged.log.batches
        .slice(length)
        .filter((batch) => batch.partition === partition);
      // The first marks did not say the name of their topic.
      const end = mark(number, { offset: OFFSET, topic: null });
      for (const value of [...batches.flatMap(valuesOf), end]) {
        lines.push({ partition, value: value.toString("base64") });
      }
    }
  };
  applyFirst(driver);
  commit(1);
  driver.advanceTo(WATERMARK_MS);
  applySecond(driver);
  commit(2);
  applyThird(driver);
  commit(COMMITS);
  driver.firings.length = 0;
  return [...lines, ...sessionsOf(driver).map((session) => ({ session }))];
}

/** Sessions of each kind are opened. */
function applyFirst(driver: StoreDriver): void {
  driver.apply([
    at(0, { visitId: "fired", userId: "user", offset: 1 }),
    at(0, { visitId: "merged", offset: 2 }),
    at(12_000, { visitId: "merged", offset: 3, page: null }),
    at(20_000, { visitId: "mixed", userId: "user", partition: 1, offset: 4 }),
    at(-100_000, { visitId: "gone", offset: 5 }),
    at(30_123, { visitId: "ms", partition: 1, offset: 6 }),
    // Others of its times are of another length.
    at(30_000, { visitId: "long", offset: 7, page: "p".repeat(500) }),
    ...Array.from({ length: 30 }, (_, i) => ({
      ...at(31_000 + 1000 * i, { visitId: "long", offset: 8 + i }),
      eventTime: new Date(ORIGIN_MS + 31_000 + 1000 * i)
        .toISOString()
        .replace(".000Z", "+00:00"),
    })),
  ]);
}

/** Some have fired, and one is gone. */
function applySecond(driver: StoreDriver): void {
  driver.apply([
    // Two that have fired become one with visits of both partitions.
    at(6000, { visitId: "merged", partition: 1, offset: 50 }),
    at(24_000, { visitId: "mixed", userId: "other", offset: 51 }),
    at(29_999, { visitId: "ms", partition: 1, offset: 52 }),
    at(40_000, {
      visitId: "whole",
      partition: 1,
      offset: 53,
      page: "ü\u{1f600}",
    }),
  ]);
}

/** One grows in pieces, and others by what was not written of them before. */
function applyThird(driver: StoreDriver): void {
  driver.apply([
    at(62_000, { visitId: "long", offset: 60, page: "q".repeat(300) }),
    at(25_000, { visitId: "mixed", partition: 1, offset: 61, userId: null }),
    at(1000, { visitId: "fired", userId: "user", offset: 62 }),
  ]);
}

/** What is open, as it fires with one more visit, or at the end. */
function sessionsOf(driver: StoreDriver): object[] {
  driver.apply([
    at(2000, { visitId: "fired", userId: "last", offset: 70 }),
    at(7000, { visitId: "merged", offset: 71 }),
  ]);
  driver.advanceTo(Infinity);
  return driver.firings
    .splice(0)
    .map(({ step: _, watermarkMs: __, ...firing }) => firing);
}

function valuesIn(lines: readonly Line[], partition: number): Buffer[] {
  return lines.flatMap((line) =>
    "value" in line && line.partition === partition
      ? [Buffer.from(line.value, "base64")]
      : [],
  );
}

test("this version writes version 1 of the log, to the byte", () => {
  assert.deepEqual(writeLog(), readLog("v1"));
});

test("a log of v1 has records of each kind, whole and in pieces", () => {
  const lines = readLog("v1");
  const values = PARTITIONS.flatMap((partition) => valuesIn(lines, partition));
  const kinds = new Set(values.map((value) => value[0]));
  assert.deepEqual(
    [...kinds].sort(),
    [0x11, 0x12, 0x13, 0x15, 0x16, 0x7b].sort(),
  );
});

for (const version of ["v1"]) {
  const lines = readLog(version);

  test(`the sessions of a log of ${version} come back`, () => {
    const { store, driver } = new LoggedStore({ parameters: PARAMETERS });
    const restore = new WindowRestore(store, { shard: 0, shardCount: 1 });
    restore.begin();
    for (const partition of PARTITIONS) {
      const values = valuesIn(lines, partition);
      const records = values.map((value) => ({ key: null, value }));
      const chunk = chunkOf([{ baseOffset: 0, records }], { partition });
      restore.take(placeOf(chunk, "windows"));
      chunk.release();
    }
    restore.end();
    store.reassign(new Set(), WATERMARK_MS);
    assert.equal(store.openSessions, 6);
    assert.equal(store.openMixedSessions, 2);
    const sessions = lines.flatMap((line) =>
      "session" in line ? [line.session] : [],
    );
    assert.deepEqual(sessionsOf(driver), sessions);
  });

  test(`a log of ${version} is in order`, () => {
    const committed = { commit: COMMITS, offset: OFFSET };
    for (const partition of PARTITIONS) {
      const values = valuesIn(lines, partition);
      const account = accountOf(values, { committed, partition });
      assert.deepEqual(account.problems, []);
      assert.equal([...account.sessions.entries()].length, 3);
    }
  });
}
