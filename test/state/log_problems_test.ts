import assert from "node:assert/strict";
import { test } from "node:test";
import { accountOf, change, type LogOptions, mark } from "./log_records.ts";

const PUT = { kind: "put", commit: 1, id: 5 } as const;

const PROBLEMS: readonly (readonly [
  name: string,
  values: readonly Buffer[],
  problem: string,
  options?: LogOptions,
])[] = [
  [
    "a grow without its put",
    [change({ kind: "grow", commit: 1, id: 5 }), mark(1)],
    "0: session 3-5: a grow is of a session that no put has opened",
  ],
  [
    "a grow without its put in a log that was deleted before",
    [change({ kind: "grow", commit: 1, id: 5 }), mark(1)],
    "7: a grow of session 3-5 that no put has opened",
    { start: 7 },
  ],
  [
    "a gone of what was never put",
    [change({ kind: "gone", commit: 1, id: 5 }), mark(1)],
    "0: session 3-5: a gone is of a session that no put has opened",
  ],
  [
    "a session that is gone twice",
    [
      change(PUT),
      change({ kind: "gone", commit: 1, id: 5 }),
      change({ kind: "gone", commit: 1, id: 5 }),
      mark(1),
    ],
    "2: session 3-5: a gone is of a session that was gone before",
    { start: 0 },
  ],
  [
    "a session that comes back",
    [
      change(PUT),
      change({ kind: "gone", commit: 1, id: 5 }),
      change(PUT),
      mark(1),
    ],
    "2: session 3-5: a put is of a session that was gone before",
  ],
  [
    "another hash of one session",
    [change(PUT), change({ ...PUT, kind: "grow", hash: 8 }), mark(1)],
    "1: session 3-5: a grow has the hash 8, its session has 5",
  ],
  [
    "a session of another partition",
    [change({ ...PUT, partition: 2 }), mark(1)],
    "0: session 2-5 is of another partition",
  ],
  [
    "a commit without a mark",
    [change(PUT), change({ ...PUT, id: 6, commit: 2 }), mark(2)],
    "1: commit 2 begins, and 1 has no mark",
    { committed: { commit: 2 } },
  ],
  [
    "a mark of another commit",
    [change(PUT), mark(2)],
    "1: a mark of commit 2 behind 1",
    { committed: { commit: 2 } },
  ],
  [
    "a commit that comes again",
    [mark(2), mark(2)],
    "1: the commit goes back from 2 to 2",
    { committed: { commit: 2 } },
  ],
  [
    "an input offset that goes back",
    [mark(1, { offset: 1001 }), mark(2)],
    "1: the input offset goes back from 1001 to 1000",
    { committed: { commit: 2 } },
  ],
  [
    "a clock that goes back",
    [mark(1, { clockMs: 9 }), mark(2, { clockMs: 8 })],
    "1: the clock goes back from 9 to 8",
    { committed: { commit: 2 } },
  ],
  [
    "two topics in one log",
    [mark(1), mark(2, { topicId: "u" })],
    "1: a mark of another topic, where a restore goes on",
    { committed: { commit: 2 } },
  ],
  [
    "a session opened by a visit that is not committed",
    [change({ ...PUT, id: 1000 }), mark(1)],
    "1: session 3-1000 opens behind the offset 1000",
  ],
  [
    "a put that is not all there",
    [change({ ...PUT, messageBytes: 25, bytesBehind: 9 }), mark(1)],
    "1: 9 bytes are missing of the session that offset 5 opened",
  ],
  [
    "a part of a put that is no part of it",
    [
      change({ ...PUT, messageBytes: 25, bytesBehind: 9 }),
      change({ ...PUT, bytesBehind: 0 }),
      mark(1),
    ],
    "1: session 3-5: a part of a put has 8 bytes to its end, expected 9",
  ],
  [
    "a record of another version",
    [Buffer.of(0x21, 1, 2), mark(1)],
    "0: the bytes 21 01 02, expected a record of this version",
  ],
  [
    "an empty record",
    [Buffer.alloc(0), mark(1)],
    "0: a record without a value, expected a record of this version",
  ],
  [
    "a record that is cut off",
    // Nothing is left of its message.
    [change(PUT).subarray(0, -8), mark(1)],
    "0: the bytes 11 05 00 00 00 06 0a 02, expected a record of this version",
  ],
  [
    "a put that does not say when the session begins",
    [change({ ...PUT, startMs: null }), mark(1)],
    "0: session 3-5: a put does not say when the session begins",
  ],
  [
    "a log that ends before its committed end",
    [change(PUT), mark(1)],
    "2: expected the last mark of the committed log",
    { committed: { end: 3 } },
  ],
  [
    "a log whose last record is no mark",
    [mark(1), change({ ...PUT, commit: 2 })],
    "1: expected the last mark of the committed log",
  ],
  [
    "a committed offset that is not the mark's",
    [mark(1)],
    "0: the input offset is 1000, and 999 is committed",
    { committed: { offset: 999 } },
  ],
  [
    "a commit that is not the mark's",
    [mark(1)],
    "0: the commit is 1, and 2 is committed",
    { committed: { commit: 2 } },
  ],
  [
    "windows that begin anew where a restore goes on",
    [mark(1), mark(2, { isAnew: true })],
    "1: a mark of windows that begin anew, where a restore goes on",
    { committed: { commit: 2 } },
  ],
  [
    "a log whose beginning is gone",
    [mark(1)],
    "9: the log begins here, and a restore begins at 8",
    { start: 9, committed: { from: 8 } },
  ],
  [
    "an open session before the place where a restore begins",
    [change(PUT), mark(1), mark(2)],
    "0: session 3-5 is open and was put before 1, where a restore begins",
    { committed: { commit: 2, from: 1 } },
  ],
];

for (const [name, values, problem, options] of PROBLEMS) {
  test(`a log is not in order: ${name}`, () => {
    const account = accountOf(values, options);
    assert.deepEqual(account.problems, [`w[3] at ${problem}`]);
    assert.equal(account.problemCount, 1);
  });
}

test("a mark that is damaged is told as what it is", () => {
  const { problems } = accountOf([Buffer.from("{oops"), mark(1)]);
  assert.equal(problems.length, 1);
  assert.match(problems[0]!, /^w\[3\] at 0: it is no mark, but damaged/);
});

test("of many problems the first are told and all are counted", () => {
  const values = Array.from({ length: 50 }, (_, id) =>
    change({ kind: "grow", commit: 1, id }),
  );
  const account = accountOf([...values, mark(1)]);
  assert.equal(account.problems.length, 20);
  assert.equal(account.problemCount, 50);
});
