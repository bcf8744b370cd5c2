import assert from "node:assert/strict";
import { test } from "node:test";
import { RunProgress } from "../../src/observe/run_progress.ts";
import { RunRates } from "../../src/observe/run_rates.ts";
import type { Progress } from "../../src/observe/run_summary.ts";
import { PLAIN_STYLE } from "../../src/observe/text_style.ts";
import { summaryOf } from "./support.ts";

const WATERMARK_MS = Date.UTC(2024, 5, 1, 1, 2, 3);
const STYLE = { ...PLAIN_STYLE, hasBlocks: true };
const TOPIC = { isTopic: true, isLive: true };
const FILE = { isTopic: false, isLive: false };
const HOLD = {
  topic: "visits",
  partition: 2,
  why: "silent",
  silentMs: 6_000,
  idleInMs: 24_000,
} as const;
const FULL: Partial<Progress> = {
  openSessions: 19_456,
  watermarkMs: WATERMARK_MS,
  late: 38,
  rejected: 321,
  rssBytes: 512e6,
  recent: {
    processing: { count: 5, p50Ms: 3.21, p99Ms: 12.1 },
    closing: { count: 5, p50Ms: 45.6, p99Ms: 180 },
  },
};

/** A run that stood so for 20 s, and what shows it 12 s behind the watermark. */
function shown(input: typeof TOPIC, parts: (ms: number) => Partial<Progress>) {
  const rates = new RunRates();
  let progress: Progress = summaryOf();
  for (let elapsedMs = 0; elapsedMs <= 20_000; elapsedMs += 250) {
    const counts = { visitsIn: elapsedMs * 52, sessions: elapsedMs * 1.2 };
    const all = { ...FULL, ...counts, ...parts(elapsedMs), elapsedMs };
    progress = summaryOf(all);
    rates.take(progress);
  }
  const nowMs = () => WATERMARK_MS + 12_000;
  const view = new RunProgress({ input, style: STYLE, nowMs });
  return {
    lines: (room: number) => view.lines(progress, rates, room),
    text: view.text(progress, rates),
  };
}

const DRAINED = { hold: HOLD, lag: 0 };
const LAGGING = shown(TOPIC, (ms) => ({
  ...DRAINED,
  lag: 1_500_000 - ms * 10,
}));
const READING = shown(FILE, (ms) => ({
  extent: { done: ms * 5_000, total: 400_000_000 },
}));

test("RunProgress of a topic fits 160 columns", () => {
  assert.deepEqual(LAGGING.lines(159), [
    `visits    52,000/s  38 late  321 rejected  ${"█".repeat(20)}`,
    "lag       1,300,000 records  2 min 10 s to catch up",
    "watermark 2024-06-01 01:02:03Z  12 s behind the clock  waiting for visits[2], silent for 6 s, idle in 24 s",
    "latency   processing p50 3.21 ms p99 12.1 ms  closing p50 45.6 ms p99  180 ms  last 10 s",
    "sessions  1,200/s  19,456 open  512 MB memory",
  ]);
});

test("RunProgress of a topic fits 80 columns", () => {
  assert.deepEqual(LAGGING.lines(79), [
    `visits    52,000/s  38 late  321 rejected  ${"█".repeat(20)}`,
    "lag       1,300,000 records  2 min 10 s to catch up",
    "watermark 2024-06-01 01:02:03Z  12 s behind  partition 2 silent for 6 s",
    "latency   processing p50 3.21 ms p99 12.1 ms  closing p50 45.6 ms p99  180 ms",
    "sessions  1,200/s  19,456 open  512 MB memory",
  ]);
});

test("RunProgress of a topic fits 40 columns", () => {
  assert.deepEqual(LAGGING.lines(39), [
    "visits    52,000/s  38 late  321 rej.",
    "lag       1,300,000  2 min 10 s left",
    "watermark 01:02:03Z  partition 2 silent",
    "latency   p99 12.1 ms  closing  180 ms",
    "sessions  1,200/s  19,456 open  512 MB",
  ]);
});

test("RunProgress of an input that ends has a bar with the time left", () => {
  const bars = [79, 39, 29].map((room) => READING.lines(room)[1]);
  assert.deepEqual(bars, [
    `read      ${"█".repeat(10)}${"░".repeat(30)}   25 %  1 min 0 s left`,
    "read       25 %  1 min 0 s left",
    "read  25 %  1 min 0 s left",
  ]);
});

test("RunProgress has lines of any width, and cuts no number", () => {
  const allowed = (room: number, line: string) => {
    const known = LAGGING.lines(500).concat(LAGGING.lines(39)).join(" ");
    const words = line.trim().split(/ +/);
    return words.every((word) => /^[█░]+$/.test(word) || known.includes(word))
      ? null
      : `${room}: ${line}`;
  };
  for (let room = 0; room < 200; room++) {
    for (const line of LAGGING.lines(room)) {
      assert.ok(line.length <= room, `${room}: ${line}`);
      assert.equal(allowed(room, line), null);
    }
  }
});

test("RunProgress promises no end that it cannot know", () => {
  const line = (parts: Partial<Progress>, input = TOPIC) =>
    shown(input, () => parts).lines(159)[1];
  const total = 1_000;
  assert.equal(
    line({ extent: { done: 1_000, total } }, FILE),
    `read      ${"█".repeat(40)}  100 %  closing sessions`,
  );
  const stuck = line({ extent: { done: 999, total } }, FILE)!;
  assert.match(stuck, / 99 % {2}time left unknown$/);
  assert.equal(line({ lag: null }), "lag       unknown");
  const still = line({ lag: 5_000_000 });
  assert.equal(still, "lag       5,000,000 records  not shrinking");
  assert.equal(line({ lag: 51_999 }), "lag       51,999 records  keeping up");
  const almost = shown(FILE, (ms) => ({ extent: { done: ms, total: 20_001 } }));
  assert.match(almost.lines(79)[1]!, / 99 % {2}1 s left$/);
});

test("RunProgress says which partition the watermark waits for", () => {
  const watermark = (parts: Partial<Progress>) =>
    shown(TOPIC, () => parts).lines(159)[2];
  const empty = { ...HOLD, why: "empty" } as const;
  const first = { watermarkMs: -Infinity, hold: empty };
  assert.equal(
    watermark(first),
    "watermark none yet  waiting for visits[2], empty, idle in 24 s",
  );
  // A moment's silence is not worth a word, unless the watermark is far behind.
  const moment = { ...HOLD, silentMs: 900, why: "behind" } as const;
  assert.equal(
    watermark({ hold: moment }),
    "watermark 2024-06-01 01:02:03Z  12 s behind the clock",
  );
  const far = { hold: moment, watermarkMs: WATERMARK_MS - 3_600_000 };
  assert.equal(
    watermark(far),
    "watermark 2024-06-01 00:02:03Z  1 h 0 min behind the clock  waiting for visits[2], behind, idle in 24 s",
  );
  // Visits of long ago that come as time goes: nobody is waited for.
  const slowest = { ...moment, why: "silent" } as const;
  assert.equal(
    watermark({ ...far, hold: slowest }),
    "watermark 2024-06-01 00:02:03Z  1 h 0 min behind the clock",
  );
});

test("RunProgress names who takes no output, not the input that waits for that", () => {
  const waitsFor = () => "the reader of stdout";
  const progress = summaryOf({ ...FULL, hold: HOLD });
  const rates = new RunRates();
  rates.take(progress);
  const view = new RunProgress({
    ...{ input: FILE, style: STYLE, nowMs: () => WATERMARK_MS, waitsFor },
  });
  const expected = "2024-06-01 01:02:03Z, waiting for the reader of stdout, 38";
  assert.match(
    view.text(progress, rates),
    new RegExp(`watermark ${expected} late`),
  );
  const [, line] = view.lines(progress, rates, 79);
  assert.equal(
    line,
    "watermark 2024-06-01 01:02:03Z  waiting for the reader of stdout",
  );
});

test("RunProgress keeps numbers in the widest room that they have taken", () => {
  const input = { isTopic: true, isLive: false };
  const view = new RunProgress({ input, style: STYLE, nowMs: () => 0 });
  const at = (openSessions: number) =>
    view.lines(summaryOf({ openSessions }), new RunRates(), 79).at(-1)!;
  assert.match(at(9), / {2}9 open/);
  assert.match(at(12_345), / {2}12,345 open/);
  assert.match(at(9), / {7}9 open/);
});

test("RunProgress tells all in a line for the log", () => {
  assert.equal(
    LAGGING.text,
    "52,000 visits/s, 1,200 sessions/s, 19,456 open, lag 1,300,000, " +
      "2 min 10 s to catch up, watermark 2024-06-01 01:02:03Z, " +
      "waiting for visits[2], silent for 6 s, idle in 24 s, 38 late, 321 rejected",
  );
  assert.match(READING.text, /open, 25 % read, 1 min 0 s left, watermark/);
});

test("RunProgress tells long silences in minutes", () => {
  const hold = { ...HOLD, silentMs: 136_900, idleInMs: 463_100 };
  assert.match(
    shown(TOPIC, () => ({ ...DRAINED, hold })).text,
    /waiting for visits\[2\], silent for 2 min 16 s, idle in 7 min 44 s,/,
  );
});
