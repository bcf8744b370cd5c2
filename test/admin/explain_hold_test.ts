import assert from "node:assert/strict";
import { test } from "node:test";
import { SESSION, sentenceOf } from "./explain_stories.ts";
import { madePartition } from "./made_view.ts";

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

test("a generator, of which nobody knows how much it has, is followed", () => {
  const hold = { why: "behind", silentMs: 1, idleInMs: null } as const;
  const partitions = [madePartition(2, { lag: null, isCaughtUp: false })];
  assert.equal(
    sentenceOf(SESSION, { hold, partitions }),
    `${OPEN}it follows the newest visit of visits[2], 20 min behind it.`,
  );
});

test("brokers that do not answer: no partition is to blame", () => {
  assert.equal(
    sentenceOf(SESSION, { hold: { why: "behind" }, isKafkaAway: true }),
    `${OPEN}Kafka does not answer, so no visit moves it on.`,
  );
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
