import assert from "node:assert/strict";
import { test } from "node:test";
import { explainSession } from "../../src/admin/explain.ts";
import type { WatermarkHold } from "../../src/observe/run_summary.ts";
import type {
  JobView,
  OpenSession,
  PartitionView,
  RunState,
} from "../../src/observe/run_view.ts";
import { madePartition, madeState, NOON_MS } from "./made_view.ts";

const MINUTE_MS = 60_000;
const LATENESS_MS = 15 * MINUTE_MS;

/** It ends at noon, its lateness a quarter past. */
const SESSION: OpenSession = {
  visitId: "v7",
  sessionId: "3-1042",
  shard: 0,
  startMs: NOON_MS - 30 * MINUTE_MS,
  lastVisitMs: NOON_MS - 10 * MINUTE_MS,
  endMs: NOON_MS,
  visits: 5,
  unfiredVisits: 5,
  bytes: 800,
  firings: 0,
  isMixed: false,
};
const OUT: OpenSession = { ...SESSION, unfiredVisits: 0, firings: 2 };

interface Story {
  readonly watermarkMs?: number;
  readonly hold?: Partial<WatermarkHold> | null;
  readonly job?: Partial<JobView>;
  readonly partitions?: readonly PartitionView[];
  readonly lag?: number | null;
}

/** A run whose watermark is a minute before noon, held back by visits[2]. */
function stateOf(story: Story): RunState {
  const { watermarkMs = NOON_MS - MINUTE_MS - 1, hold = {}, lag = 0 } = story;
  const made = madeState();
  const held: WatermarkHold | null =
    hold === null
      ? null
      : {
          ...{ topic: "visits", partition: 2, why: "silent" },
          ...{ silentMs: 14_000, idleInMs: 16_000 },
          ...hold,
        };
  return {
    ...made,
    job: { ...made.job, ...story.job },
    progress: { ...made.progress, watermarkMs, hold: held, lag },
    partitions: story.partitions ?? [
      madePartition(0),
      madePartition(2, { holdsWatermark: true }),
    ],
  };
}

function sentenceOf(session: OpenSession, story: Story): string {
  const state = stateOf(story);
  return explainSession("v7", { state, sessions: [session] }).sentence;
}

const OPEN =
  'Session 3-1042 of "v7" is open: it ends at 2024-06-01 12:00:00Z, and the watermark is at 11:59:00Z, 1 min before; ';

test("a silent partition: for how long, and when it is not waited for any more", () => {
  assert.equal(
    sentenceOf(SESSION, {}),
    `${OPEN}visits[2] holds it back: it is silent for 14 s, and is not waited for any more in 16 s.`,
  );
  assert.equal(
    sentenceOf(SESSION, {
      hold: { idleInMs: null },
      job: { idleTimeoutMs: 0 },
    }),
    `${OPEN}visits[2] holds it back: it is silent for 14 s, and is waited for however long it takes.`,
  );
  assert.equal(
    sentenceOf(SESSION, { hold: { silentMs: 30_000, idleInMs: 0 } }),
    `${OPEN}visits[2] holds it back: it is silent for 30 s and is just about to be left out.`,
  );
});

test("a partition is silent from five seconds on; before, event time just goes on", () => {
  assert.match(
    sentenceOf(SESSION, { hold: { silentMs: 5_000 } }),
    /it is silent for 5 s/,
  );
  assert.equal(
    sentenceOf(SESSION, { hold: { silentMs: 4_999 } }),
    `${OPEN}it follows the newest visit of visits[2], the slowest partition, 20 min behind it.`,
  );
  assert.equal(
    sentenceOf(SESSION, {
      hold: { silentMs: 0 },
      partitions: [madePartition(2)],
    }),
    `${OPEN}it follows the newest visit of visits[2], 20 min behind it.`,
  );
});

test("a lagging partition: by how many records", () => {
  const behind = (lag: number | null) =>
    sentenceOf(SESSION, {
      hold: { why: "behind" },
      partitions: [madePartition(2, { lag, isCaughtUp: false })],
    });
  assert.equal(
    behind(31_204),
    `${OPEN}visits[2] holds it back: it is behind by 31,204 records.`,
  );
  assert.match(behind(1), /behind by 1 record\.$/);
  assert.match(behind(null), /holds it back: it has more than is read\.$/);
});

test("a partition that is empty, and one that is not read yet", () => {
  assert.equal(
    sentenceOf(SESSION, {
      watermarkMs: -Infinity,
      hold: { why: "empty", silentMs: 6_000, idleInMs: 24_000 },
    }),
    'Session 3-1042 of "v7" is open: it ends at 2024-06-01 12:00:00Z, and there is no watermark yet; visits[2] holds it back: it is empty, and is not waited for any more in 24 s.',
  );
  assert.match(
    sentenceOf(SESSION, {
      hold: { why: "unread", idleInMs: null },
      partitions: [madePartition(2, { lag: 500 })],
    }),
    /visits\[2\] holds it back: its 500 records are not read yet\.$/,
  );
});

test("nobody counts: all partitions are idle, or there is none", () => {
  const idle = madePartition(0, { state: "idle" });
  assert.match(
    sentenceOf(SESSION, { hold: null, partitions: [idle, idle] }),
    /; all partitions are idle, so it stands still until a visit comes\.$/,
  );
  assert.match(
    sentenceOf(SESSION, { hold: null, partitions: [idle] }),
    /; its one partition is idle, so/,
  );
  assert.match(
    sentenceOf(SESSION, { hold: null, partitions: [] }),
    /; this process has no partition now\.$/,
  );
  const finished = madePartition(0, { state: "finished" });
  assert.match(
    sentenceOf(SESSION, { hold: null, partitions: [finished] }),
    /; all of the input is read\.$/,
  );
});

test("a run with one result: its watermark is four rounds behind", () => {
  assert.equal(
    sentenceOf(SESSION, { job: { deterministic: true }, lag: 12_000 }),
    `${OPEN}it is four rounds, some 33,000 records, behind what is read, with 12,000 records left to read.`,
  );
  assert.match(
    sentenceOf(SESSION, { job: { deterministic: true }, lag: null }),
    /behind what is read\.$/,
  );
});

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
