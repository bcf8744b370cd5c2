import assert from "node:assert/strict";
import { test } from "node:test";
import {
  fitLine,
  ProgressLine,
  progressParts,
} from "../../src/observe/progress_line.ts";
import { recordedTerminal, summaryOf } from "./support.ts";

const CLEAR = "\r\u001b[2K";
const NO_LOG = { info() {} };

/** A run at work. */
const BUSY = summaryOf({
  openSessions: 19_456,
  mixedSessions: 0,
  watermarkMs: Date.UTC(2024, 5, 1, 1, 2, 3),
  late: 38,
  rejected: 321,
});

test("ProgressLine rewrites one line on a terminal", () => {
  const { terminal, written } = recordedTerminal({ isTTY: true, columns: 120 });
  const line = new ProgressLine(terminal, NO_LOG);
  const watermarkMs = Date.UTC(2024, 5, 1, 1, 2, 3);
  const parts = { openSessions: 4711, watermarkMs, late: 5, rejected: 6 };
  line.update(summaryOf({ ...parts, visitsIn: 100_000, elapsedMs: 1000 }));
  line.update(summaryOf({ ...parts, visitsIn: 100_001, elapsedMs: 1050 }));
  line.update(summaryOf({ ...parts, visitsIn: 300_000, elapsedMs: 2000 }));
  line.clear();
  const rest = "4,711 open  watermark 2024-06-01 01:02:03Z  5 late  6 rejected";
  assert.deepEqual(written, [
    `${CLEAR}100,000 visits/s  ${rest}`,
    `${CLEAR}200,000 visits/s  ${rest}`,
    CLEAR,
  ]);
});

test("ProgressLine is silent where there is no terminal", () => {
  const { terminal, written } = recordedTerminal({ isTTY: false });
  const line = new ProgressLine(terminal, NO_LOG);
  line.update(summaryOf());
  line.clear();
  assert.deepEqual(written, []);
});

test("Terminal writes lines above the live line and cuts that to the width", () => {
  const { terminal, written } = recordedTerminal({ isTTY: true, columns: 6 });
  terminal.write("first\n");
  terminal.setLiveLine("1234567");
  terminal.write("second\n");
  assert.deepEqual(written, [
    "first\n",
    `${CLEAR}12345`,
    `${CLEAR}second\n12345`,
  ]);
});

test("progressParts() fits 80 columns with the year of the watermark", () => {
  const line = fitLine(progressParts(BUSY, 162_787), 79);
  assert.equal(
    line,
    "162,787/s  19,456 open  watermark 2024-06-01 01:02:03Z  38 late  321 rejected",
  );
});

test("fitLine() drops whole parts, and cuts no number", () => {
  const parts = progressParts(BUSY, 162_787);
  assert.equal(fitLine(parts, 45), "162,787/s  watermark 2024-06-01 01:02:03Z");
  const texts = parts.flatMap(({ text, short }) => [text, short]);
  for (let room = 0; room < 100; room++) {
    const line = fitLine(parts, room);
    assert.ok(line.length <= room);
    for (const part of line.split("  ")) {
      assert.ok(part === "" || texts.includes(part), `${room}: ${part}`);
    }
  }
});

test("ProgressLine takes 80 columns where a terminal says 0", () => {
  const { terminal, written } = recordedTerminal({ isTTY: true, columns: 0 });
  new ProgressLine(terminal, NO_LOG).update(BUSY);
  assert.match(written.join(""), /38 late {2}321 rejected$/);
  terminal.setLiveLine("a line that is short");
  assert.equal(written.at(-1), `${CLEAR}a line that is short`);
});

test("ProgressLine says which partition the watermark waits for", () => {
  const hold = {
    topic: "visits",
    partition: 2,
    why: "empty",
    silentMs: 6_000,
    idleInMs: 24_000,
  } as const;
  const text = (parts: Partial<typeof BUSY>, room = 200) =>
    fitLine(progressParts({ ...BUSY, ...parts }, 1000), room);
  assert.match(
    text({ watermarkMs: Number.NEGATIVE_INFINITY, hold }),
    /open {2}waiting for visits\[2\], empty, idle in 24 s {2}38 late/,
  );
  const silent = { ...hold, why: "silent", idleInMs: null } as const;
  const both =
    /watermark 2024-06-01 01:02:03Z {2}waiting for visits\[2\], silent for 6 s {2}/;
  assert.match(text({ hold: silent }), both);
  // A moment's silence is not worth a word.
  assert.doesNotMatch(text({ hold: { ...silent, silentMs: 900 } }), /waiting/);
  const topic = "a_topic_with_a_name_of_its_own_that_is_long";
  assert.match(
    text({ hold: { ...hold, topic } }, 79),
    /waiting for partition 2, empty, idle in 24 s/,
  );
});

test("ProgressLine logs a line every 30 s where there is no terminal", () => {
  const { terminal } = recordedTerminal({ isTTY: false });
  const lines: { fields: object; message: string }[] = [];
  const line = new ProgressLine(terminal, {
    info: (fields, message) => void lines.push({ fields, message }),
  });
  for (let elapsedMs = 0; elapsedMs <= 65_000; elapsedMs += 200) {
    line.update({ ...BUSY, visitsIn: elapsedMs, elapsedMs });
  }
  assert.deepEqual(
    lines.map(({ message }) => message),
    Array(2).fill(
      "1,000 visits/s, 19,456 open, watermark 2024-06-01 01:02:03Z, 38 late, 321 rejected",
    ),
  );
  const { visitsIn } = lines[0]!.fields as typeof BUSY;
  assert.equal(visitsIn, 30_000);
});
