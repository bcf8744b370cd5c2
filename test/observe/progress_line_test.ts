import assert from "node:assert/strict";
import { test } from "node:test";
import { ProgressLine } from "../../src/observe/progress_line.ts";
import { recordedTerminal, summaryOf } from "./support.ts";

const CLEAR = "\r\u001b[2K";

test("ProgressLine rewrites one line on a terminal", () => {
  const { terminal, written } = recordedTerminal({ isTTY: true, columns: 120 });
  const line = new ProgressLine(terminal);
  const watermarkMs = Date.UTC(2024, 5, 1, 1, 2, 3);
  const parts = { openSessions: 4711, watermarkMs, late: 5, rejected: 6 };
  line.update(summaryOf({ ...parts, visitsIn: 100_000, elapsedMs: 1000 }));
  line.update(summaryOf({ ...parts, visitsIn: 100_001, elapsedMs: 1050 }));
  line.update(summaryOf({ ...parts, visitsIn: 300_000, elapsedMs: 2000 }));
  line.clear();
  const rest = "4,711 open  watermark 06-01 01:02:03Z  5 late  6 rejected";
  assert.deepEqual(written, [
    `${CLEAR}100,000 visits/s  ${rest}`,
    `${CLEAR}200,000 visits/s  ${rest}`,
    CLEAR,
  ]);
});

test("ProgressLine is silent where there is no terminal", () => {
  const { terminal, written } = recordedTerminal({ isTTY: false });
  const line = new ProgressLine(terminal);
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
