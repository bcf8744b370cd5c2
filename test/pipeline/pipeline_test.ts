import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { WALL_CLOCK } from "../../src/clock.ts";
import { runConfigOf } from "../../src/config/run_config.ts";
import type { RunSummary } from "../../src/observe/run_summary.ts";
import { LiveView } from "../../src/pipeline/live_view.ts";
import { Pipeline } from "../../src/pipeline/pipeline.ts";
import type { PipelineSettings } from "../../src/pipeline/pipeline_parts.ts";
import { RunMeters } from "../../src/pipeline/run_meters.ts";
import { runValues } from "../config/support.ts";
import {
  type FailurePoint,
  type FakeRun,
  failureAt,
  fakeRun,
  SETTINGS,
  SILENT_LOG,
} from "./fake_parts.ts";

const VISITORS = 40;

/** Runs a pipeline of fakes; gives its summary, and its error if it has one. */
async function run(
  { parts }: FakeRun,
  options: Partial<PipelineSettings> & { signal?: AbortSignal } = {},
) {
  const ends: RunSummary[] = [];
  const { signal = new AbortController().signal, ...settings } = options;
  let error: unknown = null;
  try {
    await new Pipeline({ ...SETTINGS, ...settings }, parts).run({
      signal,
      log: SILENT_LOG,
      onEnd: (summary) => ends.push(summary),
    });
  } catch (thrown) {
    error = thrown;
  }
  assert.ok(ends.length <= 1);
  return { error, summary: ends[0] };
}

async function assertRunsRight(): Promise<void> {
  const fakes = fakeRun(VISITORS);
  const { error, summary } = await run(fakes);
  assert.equal(error, null);
  assert.equal(summary?.outcome, "ended");
  assert.equal(summary.sessions, VISITORS);
  assert.equal(summary.unacknowledged, 0);
  assert.equal(summary.underWay, 0);
  assert.equal(fakes.written.join("").trimEnd().split("\n").length, VISITORS);
  assert.deepEqual([...fakes.open], []);
}

const CASES: readonly (readonly FailurePoint[])[] = [
  ["source opens"],
  ["outputs open"],
  ["fleet starts"],
  ["source reads"],
  ["shard dies"],
  ["sink writes"],
  ["sink closes"],
  ["late closes"],
  ["fleet ends"],
  ["source closes"],
  ["sink writes", "shard dies"],
  ["source reads", "fleet ends", "sink closes", "late closes", "source closes"],
  ["shard dies", "fleet ends", "sink closes", "late closes", "source closes"],
  ["outputs open", "source closes"],
];

for (const points of CASES) {
  const name = points.join(", ");
  test(`Pipeline closes all and throws one error: ${name}`, async () => {
    const fakes = fakeRun(VISITORS, points);
    const { error } = await run(fakes);
    const expected = new Set(points.map((point) => failureAt(point).message));
    const { message } = error as Error;
    // Of a sink and a shard it is open which one fails first.
    if (points[0] === "sink writes") assert.ok(expected.has(message), message);
    else assert.equal(message, failureAt(points[0]!).message);
    assert.deepEqual([...fakes.open], []);
    // Once more in the same process, with parts that work.
    await assertRunsRight();
  });
}

test("Pipeline that failed tells what it has done all the same", async () => {
  const { summary } = await run(fakeRun(VISITORS, ["source reads"]));
  assert.equal(summary?.outcome, "failed");
  assert.equal(summary.visitsIn, 6);
  const early = await run(fakeRun(VISITORS, ["outputs open"]));
  assert.equal(early.summary, undefined);
});

test("Pipeline that failed tells its view once: what fails later is not of the next life", async (t) => {
  const fakes = fakeRun(VISITORS, ["sink writes", "fleet ends", "late closes"]);
  const view = new LiveView(await runConfigOf(runValues({})), {
    ...{ meters: new RunMeters(WALL_CLOCK), outage: { isNews: false } },
    ...{ clock: WALL_CLOCK, signal: new AbortController().signal },
  });
  const fail = t.mock.method(view, "fail");
  const parts = { ...fakes.parts, view };
  const { error } = await run({ ...fakes, parts });
  assert.deepEqual(error, failureAt("sink writes"));
  assert.equal(fail.mock.callCount(), 1);
});

test("Pipeline counts as written only what the sink has acknowledged", async () => {
  const fakes = fakeRun(VISITORS, ["sink writes"]);
  const { summary } = await run(fakes);
  assert.equal(summary?.outcome, "failed");
  assert.equal(summary.visitsIn, VISITORS);
  assert.equal(summary.sessions, 0);
  assert.ok(summary.unacknowledged > 0);
});

test("Pipeline that failed writes its histograms", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sessionmill-failed-"));
  try {
    const fakes = fakeRun(VISITORS, ["sink writes"]);
    const { error } = await run(fakes, { histograms: folder });
    assert.equal((error as Error).message, failureAt("sink writes").message);
    const text = await readFile(join(folder, "processing.hgrm"), "utf8");
    assert.match(text, new RegExp(`Total count += +${VISITORS}\\]`));
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("Pipeline that was stopped closes all and says so", async () => {
  const fakes = fakeRun(Number.POSITIVE_INFINITY);
  const stopping = new AbortController();
  setTimeout(() => stopping.abort(), 20);
  const { error, summary } = await run(fakes, { signal: stopping.signal });
  assert.equal(error, null);
  assert.equal(summary?.outcome, "stopped");
  assert.equal(summary.inOpenWindows, summary.visitsIn);
  assert.deepEqual([...fakes.open], []);
});

test("Pipeline ends when a hook throws in a tick", async () => {
  const fakes = fakeRun(Number.POSITIVE_INFINITY);
  const { parts } = fakes;
  const running = new Pipeline(SETTINGS, parts).run({
    signal: new AbortController().signal,
    log: SILENT_LOG,
    onProgress() {
      throw new Error("Cannot show progress");
    },
  });
  await assert.rejects(running, { message: "Cannot show progress" });
  assert.deepEqual([...fakes.open], []);
});

test("Pipeline by rounds ends in +Infinity, and may be stopped amid a round", async () => {
  const whole = fakeRun(VISITORS);
  const byRounds = { roundRecords: 7 };
  const ended = await run({ ...whole, parts: { ...whole.parts, ...byRounds } });
  assert.equal(ended.error, null);
  assert.equal(ended.summary?.watermarkMs, Number.POSITIVE_INFINITY);
  assert.equal(ended.summary.sessions, VISITORS);
  const endless = fakeRun(Number.POSITIVE_INFINITY);
  const stopping = new AbortController();
  setTimeout(() => stopping.abort(), 20);
  const parts = { ...endless.parts, ...byRounds };
  const { signal } = stopping;
  const { error, summary } = await run({ ...endless, parts }, { signal });
  assert.equal(error, null);
  assert.equal(summary?.outcome, "stopped");
  assert.ok(summary.visitsIn > 0 && summary.underWay === 0);
  assert.equal(summary.inSessions + summary.inOpenWindows, summary.visitsIn);
  assert.deepEqual([...endless.open], []);
});
