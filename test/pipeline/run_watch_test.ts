import assert from "node:assert/strict";
import { test } from "node:test";
import { pino } from "pino";
import { WALL_CLOCK } from "../../src/clock.ts";
import { RunWatch } from "../../src/pipeline/run_watch.ts";
import { summaryOf } from "../observe/support.ts";

const NOW_MS = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;
const IN_2094 = Date.UTC(2094, 4, 31, 23, 39, 59);

/** A watch over two partitions, and what it writes. */
function watchOf(options: { maxSkewMs?: number; level?: string } = {}) {
  const lines: Record<string, unknown>[] = [];
  const { maxSkewMs = null, level = "info" } = options;
  const time = { nowMs: NOW_MS };
  const clocksMs = new Float64Array(2).fill(-Infinity);
  const watch = new RunWatch(
    { clocksMs, links: [] },
    {
      topic: "visits",
      log: pino({ level }, { write: (line) => lines.push(JSON.parse(line)) }),
      clock: { ...WALL_CLOCK, nowMs: () => time.nowMs },
      maxSkewMs,
    },
  );
  const pass = (ms: number) => {
    time.nowMs += ms;
    watch.tick(summaryOf(), []);
  };
  const routed = (partition: number, newestMs: number) =>
    watch.routed({ partition, newestMs });
  return { lines, clocksMs, pass, routed };
}

test("RunWatch warns once of a clock far ahead of its records' own time", () => {
  const { lines, clocksMs, pass, routed } = watchOf();
  const monthsAgoMs = NOW_MS - 90 * 24 * HOUR_MS;
  routed(0, monthsAgoMs);
  routed(1, monthsAgoMs);
  clocksMs[0] = monthsAgoMs + HOUR_MS;
  // Wall time is far, but the records were written before.
  clocksMs[1] = monthsAgoMs + 2 * HOUR_MS;
  pass(200);
  pass(200);
  assert.equal(lines.length, 1);
  assert.equal(lines[0]!.partition, 1);
  assert.match(
    String(lines[0]!.msg),
    /visits\[1\].* 2025-10-03 02:00:00Z.*--max-skew/,
  );
});

test("RunWatch compares with the time of day where records have none", () => {
  const { lines, clocksMs, pass } = watchOf();
  clocksMs[0] = NOW_MS - HOUR_MS;
  pass(200);
  assert.equal(lines.length, 0);
  clocksMs[0] = IN_2094;
  pass(200);
  assert.match(
    String(lines[0]!.msg),
    /^a visit of visits\[0\] is dated 2094-05-31 23:39:59Z, 24,9\d\d days ahead of the time of day: /,
  );
});

test("RunWatch has nothing to warn of where --max-skew is given", () => {
  const { lines, clocksMs, pass } = watchOf({ maxSkewMs: HOUR_MS });
  clocksMs[0] = IN_2094;
  pass(200);
  assert.equal(lines.length, 0);
});

test("RunWatch tells how the run stands every 10 s, for --log-level debug", () => {
  const { lines, pass } = watchOf({ level: "debug" });
  for (let i = 0; i < 125; i++) pass(200);
  assert.equal(lines.length, 2);
  const { visitsIn, watermark } = lines[0]!;
  assert.deepEqual([visitsIn, watermark], [200_961, "end of input"]);
});
