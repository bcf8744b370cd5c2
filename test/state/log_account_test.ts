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
  const grow = change({ kind: "grow", commit: 4, id: 5, messageBytes: 34 });
  const gone = change({ kind: "gone", commit: 4, id: 6 });
  const mixed = { kind: "put", commit: 4, partition: ~PARTITION } as const;
  const put = change({ ...mixed, id: 7, messageBytes: 40 });
  const whole = { kind: "put", commit: 9, id: 5, messageBytes: 110 } as const;
  const again = change(whole);
  const account = accountOf(
    [
      change({ kind: "put", commit: 1, id: 5, messageBytes: 100 }),
      change({ kind: "put", commit: 1, id: 6, messageBytes: 50 }),
      mark(1),
      ...[grow, gone, put],
      mark(4, { offset: 1001, clockMs: 7 }),
      // Written whole again.
      again,
      mark(9, { offset: 1002, clockMs: 7 }),
    ],
    { committed: { offset: 1002, commit: 9, from: 3 } },
  );
  assert.deepEqual(account.problems, []);
  assert.deepEqual(openOf(account), { 5: again.length, 7: put.length });
  assert.equal(account.records, 9);
  assert.equal(account.mark?.commit, 9);
  const changes = [grow, gone, put, again];
  const bytes = changes.reduce((sum, { length }) => sum + length, 0);
  const marks = mark(4, { offset: 1001, clockMs: 7 }).length * 2;
  assert.equal(account.byteLength, bytes + marks);
});

/** Bytes of a put that says no more than when the session begins. */
const PUT_BYTES = change({ kind: "put", commit: 1, id: 5 }).length;

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
  assert.deepEqual(openOf(account), { 6: PUT_BYTES });
});

test("a put in several records is one, whatever stands between them", () => {
  const put = { kind: "put", commit: 1, id: 5 } as const;
  const pieces = [
    change({ ...put, messageBytes: 100, bytesBehind: 150, startMs: 77 }),
    change({ ...put, messageBytes: 100, bytesBehind: 50 }),
    change({ ...put, messageBytes: 50, bytesBehind: 0 }),
  ];
  const [first, ...others] = pieces as [Buffer, ...Buffer[]];
  const other = change({ ...put, id: 6, startMs: 99 });
  const account = accountOf([first, other, ...others, mark(1)]);
  const byteLength = pieces.reduce((sum, { length }) => sum + length, 0);
  assert.deepEqual(account.problems, []);
  const session = new Map(account.sessions.entries()).get(5);
  assert.deepEqual(session, {
    keyHash: 5,
    putAt: 0,
    byteLength,
    startMs: 77,
  });
  assert.deepEqual(openOf(account), { 5: byteLength, 6: other.length });
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
  assert.deepEqual(openOf(account), { 7: PUT_BYTES });
});

test("a partition that another process has taken over is in order", () => {
  const values = [change({ kind: "put", commit: 1, id: 5 }), mark(1)];
  const account = accountOf(values, { committed: { by: "you" } });
  assert.deepEqual(account.problems, []);
  assert.deepEqual(openOf(account), { 5: PUT_BYTES });
});

test("a partition that was taken over without its sessions has none", () => {
  const values = [change({ kind: "put", commit: 1, id: 5 }), mark(1)];
  const account = accountOf(values, {
    committed: { offset: 30, from: 3, end: 3, commit: 0, by: "you" },
  });
  assert.deepEqual(account.problems, []);
  assert.deepEqual(openOf(account), {});
  assert.equal(account.mark, null);
});

/** Sessions of the same offsets, for the second time. */
const AGAIN = [
  change({ kind: "put", commit: 1, id: 5, hash: 77 }),
  change({ kind: "put", commit: 1, id: 6 }),
];

for (const [name, anew] of [
  ["a topic made anew", { topicId: "u" }],
  ["another program that sets the offset back", { isAnew: true }],
  ["a version that did not say that it begins anew", {}],
] as const) {
  test(`all begins anew after ${name}`, () => {
    const account = accountOf(
      [
        change({ kind: "put", commit: 8, id: 5 }),
        change({ kind: "put", commit: 8, id: 6 }),
        change({ kind: "gone", commit: 8, id: 6 }),
        mark(8, { offset: 2000, clockMs: 9 }),
        ...AGAIN,
        mark(1, { clockMs: 1, ...anew }),
      ],
      { committed: { commit: 1, from: 4 } },
    );
    assert.deepEqual(account.problems, []);
    assert.deepEqual(openOf(account), { 5: PUT_BYTES, 6: PUT_BYTES });
  });
}

test("sessions before another program's offset are not open any more", () => {
  const account = accountOf(
    [
      change({ kind: "put", commit: 3, id: 5 }),
      mark(3),
      change({ kind: "put", commit: 9, id: 7 }),
      mark(9, { isAnew: true }),
    ],
    { committed: { commit: 9, from: 2 } },
  );
  assert.deepEqual(account.problems, []);
  assert.deepEqual(openOf(account), { 7: PUT_BYTES });
});
