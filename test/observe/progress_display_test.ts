import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import {
  ProgressDisplay,
  type ProgressForm,
} from "../../src/observe/progress_display.ts";
import { RunProgress } from "../../src/observe/run_progress.ts";
import { PLAIN_STYLE } from "../../src/observe/text_style.ts";
import { recordedTerminal, summaryOf } from "./support.ts";

/** A run at work. */
const BUSY = summaryOf({
  openSessions: 19_456,
  watermarkMs: Date.UTC(2024, 5, 1, 1, 2, 3),
  late: 38,
  rejected: 321,
});

function display(form: ProgressForm) {
  const size = { isTTY: form === "block", columns: 80 };
  const { terminal, written } = recordedTerminal(size);
  const lines: { fields: object; message: string }[] = [];
  const log = {
    info: (fields: object, message: string) =>
      void lines.push({ fields, message }),
  };
  const input = { isTopic: false, isLive: false };
  const nowMs = () => 0;
  const view = new RunProgress({ input, style: PLAIN_STYLE, nowMs });
  return {
    shown: new ProgressDisplay({ form, view, terminal, log }),
    ...{ written, lines },
  };
}

test("ProgressDisplay redraws a block a few times a second, and removes it", () => {
  const { shown, written } = display("block");
  for (let elapsedMs = 0; elapsedMs < 10_000; elapsedMs += 50) {
    shown.update({ ...BUSY, visitsIn: elapsedMs, elapsedMs });
  }
  shown.clear();
  assert.ok(written.length > 20 && written.length < 50, `${written.length}`);
  const texts = written.map(stripVTControlCharacters);
  assert.match(texts.at(-2)!, /^\rvisits +1,000\/s +38 late +321 rejected\n/);
  assert.match(texts.at(-1)!, /^\r+$/);
});

test("ProgressDisplay removes a block that nobody renews", () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { shown, written } = display("block");
  shown.update({ ...BUSY, elapsedMs: 1000 });
  mock.timers.tick(1_900);
  assert.equal(written.length, 1);
  mock.timers.tick(200);
  mock.timers.reset();
  assert.match(stripVTControlCharacters(written[1]!), /^\r+$/);
});

test("ProgressDisplay logs a line at the start and one every 10 s", () => {
  const { shown, written, lines } = display("lines");
  for (let elapsedMs = 0; elapsedMs <= 35_000; elapsedMs += 200) {
    shown.update({ ...BUSY, visitsIn: elapsedMs, sessions: 0, elapsedMs });
  }
  shown.clear();
  assert.deepEqual(
    lines.map(({ message }) => message),
    Array(4).fill(
      "1,000 visits/s, 0 sessions/s, 19,456 open, watermark 2024-06-01 01:02:03Z, 38 late, 321 rejected",
    ),
  );
  const fields = lines.map(({ fields }) => fields as typeof BUSY);
  assert.deepEqual(
    fields.map(({ visitsIn }) => visitsIn),
    [1_000, 10_000, 20_000, 30_000],
  );
  assert.deepEqual(written, []);
});

test("ProgressDisplay says nothing when it is to be off", () => {
  const { shown, written, lines } = display("none");
  shown.update({ ...BUSY, elapsedMs: 60_000 });
  shown.clear();
  assert.deepEqual([written, lines], [[], []]);
});
