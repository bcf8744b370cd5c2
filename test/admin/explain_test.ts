import assert from "node:assert/strict";
import { test } from "node:test";
import { explainSession } from "../../src/admin/explain.ts";
import type { RunState } from "../../src/observe/run_view.ts";
import {
  LATENESS_MS,
  MINUTE_MS,
  OUT,
  SESSION,
  sentenceOf,
  stateOf,
} from "./explain_stories.ts";
import { NOON_MS } from "./made_view.ts";

test("the end, to the millisecond: it closes at the watermark 1 ms before it", () => {
  const before = sentenceOf(SESSION, { watermarkMs: NOON_MS - 2 });
  assert.match(before, /is at 11:59:59\.999Z, 1 ms before; /);
  assert.equal(
    sentenceOf(SESSION, { watermarkMs: NOON_MS - 1 }),
    'Session 3-1042 of "v7" is about to be put out: its time has come, and its shard has it next.',
  );
  assert.equal(
    sentenceOf(SESSION, { watermarkMs: Infinity }),
    'Session 3-1042 of "v7" is about to be put out: the input has ended.',
  );
});

test("one that was put out waits for late visits alone, to the millisecond", () => {
  const goneMs = NOON_MS - 1 + LATENESS_MS;
  assert.equal(
    sentenceOf(OUT, { watermarkMs: NOON_MS - 1 }),
    'Session 3-1042 of "v7" was put out 2 times and waits for late visits alone: it is final at 2024-06-01 12:15:00Z, and the watermark is at 12:00:00Z, 15 min before; visits[2] holds it back: it is silent for 14 s, and is not waited for any more in 16 s.',
  );
  assert.match(
    sentenceOf(OUT, { watermarkMs: goneMs - 1 }),
    /12:14:59\.999Z, 1 ms before/,
  );
  assert.match(
    sentenceOf(OUT, { watermarkMs: goneMs }),
    /is about to be forgotten: its time has come/,
  );
  assert.match(sentenceOf({ ...OUT, firings: 1 }, {}), /was put out once and/);
});

test("one that was put out and has grown since", () => {
  const grown = { ...OUT, unfiredVisits: 1 };
  assert.match(
    sentenceOf(grown, {}),
    /was put out 2 times, and 1 visit has come since: it ends at 2024-06-01 12:00:00Z, and/,
  );
  // Behind its end only one that is too dear to be put out still holds visits.
  assert.match(
    sentenceOf({ ...grown, unfiredVisits: 3 }, { watermarkMs: NOON_MS - 1 }),
    /3 visits have come since; it is too large to be put out for each, and is once more at 2024-06-01 12:15:00Z, and the watermark is at 12:00:00Z, 15 min before/,
  );
  assert.match(
    sentenceOf(grown, { watermarkMs: NOON_MS - 1 + LATENESS_MS }),
    /is about to be put out: its time/,
  );
});

test("no lateness: what was put out is forgotten at its end", () => {
  const job = { allowedLatenessMs: 0 };
  assert.match(
    sentenceOf(OUT, { job, watermarkMs: NOON_MS - 1 }),
    /is about to be forgotten/,
  );
});

test("no such session: put out, or never seen, or not read yet, or elsewhere", () => {
  const explain = (state: RunState) =>
    explainSession("v8", { state, sessions: [] });
  const alone = explain(stateOf({ job: { group: null } }));
  assert.equal(
    alone.sentence,
    '"v8" has no open session here: it was put out and forgotten, or never seen.',
  );
  assert.deepEqual(alone.sessions, []);
  assert.equal(
    explain(stateOf({ lag: 1_204 })).sentence,
    '"v8" has no open session here: it was put out and forgotten, or never seen, or it is among the 1,204 records that are not read yet, or another process of the group has it.',
  );
});

test("several sessions of one visit_id: a sentence for each, with the numbers", () => {
  const second = { ...SESSION, sessionId: "3-2000", endMs: NOON_MS + 1 };
  const explanation = explainSession("v7", {
    state: stateOf({}),
    sessions: [OUT, second],
  });
  const [first] = explanation.sessions;
  assert.equal(first?.waitsFor, "lateness");
  assert.equal(first?.missingMs, LATENESS_MS + MINUTE_MS);
  assert.equal(explanation.sessions[1]?.waitsFor, "end");
  assert.equal(explanation.sessions[1]?.missingMs, MINUTE_MS + 1);
  assert.equal(
    explanation.sentence,
    explanation.sessions.map(({ sentence }) => sentence).join(" "),
  );
});

test("a day is named once, and a visit_id is cut", () => {
  const nextDay = { ...SESSION, endMs: NOON_MS + 24 * 60 * MINUTE_MS };
  assert.match(
    sentenceOf(nextDay, {}),
    /ends at 2024-06-02 12:00:00Z, and the watermark is at 2024-06-01 11:59:00Z, 1 day before/,
  );
  const long = { ...SESSION, visitId: "x".repeat(500) };
  assert.ok(sentenceOf(long, {}).length < 400);
});
