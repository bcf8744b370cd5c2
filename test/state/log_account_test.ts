import assert from "node:assert/strict";
import { test } from "node:test";
import type { LogAccount } from "../../src/state/log_account.ts";
import { accountOf, change, mark, PARTITION } from "./log_records.ts";

/** Bytes of the open sessions, by id. */
function openOf({ sessions }: LogAccount): Record<number, number> {
  const entries = [...sessions.entries()];
  return Object.fromEntries(entries.map(([id, each]) => [id, each.byteLength]));
}

test("a log in order has no problem, and counts what is open", () => {
  const account = accountOf(
    [
      change({ kind: "put", commit: 1, id: 5, bytes: 100 }),
      change({ kind: "put", commit: 1, id: 6, bytes: 50 }),
      mark(1),
      change({ kind: "grow", commit: 4, id: 5, bytes: 34 }),
      change({ kind: "gone", commit: 4, id: 6 }),
      change({
        kind: "put",
        commit: 4,
        id: 7,
        bytes: 40,
        partition: ~PARTITION,
      }),
      mark(4, { offset: 1001, clockMs: 7 }),
      // Written whole again.
      change({ kind: "put", commit: 9, id: 5, bytes: 110 }),
      mark(9, { offset: 1002, clockMs: 7 }),
    ],
    { committed: { offset: 1002, commit: 9, from: 3 } },
  );
  assert.deepEqual(account.problems, []);
  assert.deepEqual(openOf(account), { 5: 110, 7: 40 });
  assert.equal(account.records, 9);
  assert.equal(account.mark?.commit, 9);
  const marks = mark(4, { offset: 1001, clockMs: 7 }).length * 2;
  assert.equal(account.byteLength, 34 + 21 + 40 + 110 + marks);
});

test("a log that was deleted up to a commit may hold ends of older sessions", () => {
  const account = accountOf(
    [
      change({ kind: "grow", commit: 1, id: 5 }),
      change({ kind: "grow", commit: 1, id: 6 }),
      mark(1),
      change({ kind: "gone", commit: 2, id: 5 }),
      change({ kind: "put", commit: 2, id: 6 }),
      change({ kind: "gone", commit: 2, id: 8 }),
      mark(2),
    ],
    { start: 40, committed: { commit: 2 } },
  );
  assert.deepEqual(account.problems, []);
  assert.deepEqual(openOf(account), { 6: 33 });
});

test("a put in several records is one, whatever stands between them", () => {
  const put = { kind: "put", commit: 1, id: 5 } as const;
  const account = accountOf([
    change({ ...put, bytes: 125, bytesBehind: 150, startMs: 77 }),
    change({ ...put, id: 6, startMs: 99 }),
    change({ ...put, bytes: 125, bytesBehind: 50 }),
    change({ ...put, bytes: 75 }),
    mark(1),
  ]);
  assert.deepEqual(account.problems, []);
  const session = new Map(account.sessions.entries()).get(5);
  assert.deepEqual(session, {
    keyHash: 5,
    putAt: 0,
    byteLength: 325,
    startMs: 77,
  });
  assert.deepEqual(openOf(account), { 5: 325, 6: 33 });
});

test("an empty log of a partition without a commit is in order", () => {
  const account = accountOf([], { committed: { commit: 0 } });
  assert.deepEqual(account.problems, []);
});

test("a topic made anew begins without the sessions of the one before", () => {
  const account = accountOf(
    [
      change({ kind: "put", commit: 1, id: 5 }),
      mark(1, { offset: 2000, clockMs: 9 }),
      change({ kind: "put", commit: 2, id: 7 }),
      mark(2, { clockMs: 1, topicId: "u" }),
      change({ kind: "gone", commit: 3, id: 5 }),
      mark(3, { clockMs: 1, topicId: "u" }),
    ],
    { committed: { commit: 3, from: 2 } },
  );
  assert.deepEqual(account.problems, []);
  assert.deepEqual(openOf(account), { 7: 33 });
});
