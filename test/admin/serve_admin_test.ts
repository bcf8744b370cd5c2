import assert from "node:assert/strict";
import { test } from "node:test";
import { serveAdmin } from "../../src/admin/serve_admin.ts";
import { LatencyHistogram } from "../../src/observe/latency.ts";
import type { LatencyDelta } from "../../src/observe/run_view.ts";
import { MadeView, madePartition, madeState, NOON_MS } from "./made_view.ts";
import { servedAdmin } from "./served_admin.ts";

/** What a reader would take of a run that recorded these, ms. */
function delta(name: LatencyDelta["name"], times: readonly number[]) {
  const latency = new LatencyHistogram();
  for (const ms of times) latency.record(ms);
  return { name, counts: latency.reader().take() };
}

test("state: no infinities, times for people, rates and what is left to read", async (t) => {
  const view = new MadeView();
  const { progress } = view.now;
  view.now = madeState({
    progress: { ...progress, watermarkMs: -Infinity, lag: 500 },
    partitions: [
      madePartition(0, { lag: 300, clockMs: null, watermarkMs: null }),
      madePartition(1, { lag: 200 }),
    ],
  });
  const { ask } = await servedAdmin(t, view);
  const { json, status } = await ask("/state");
  assert.equal(status, 200);
  assert.equal(json.progress.watermarkMs, null);
  assert.equal(json.progress.watermark, null);
  assert.equal(json.progress.isAtEnd, false);
  assert.equal(json.watermarkLagMs, null);
  assert.equal(json.lag, 500);
  assert.equal(json.now, "2024-06-01T12:00:00.000Z");
  assert.equal(json.partitions[0].clock, null);
  assert.equal(json.partitions[1].clock, "2024-06-01T12:00:00.000Z");
  assert.deepEqual(json.rejectedByReason, { not_json: 2 });
  assert.deepEqual(json.job, view.now.job);
});

test("state: a lag that shrinks says when it is gone", async (t) => {
  const view = new MadeView();
  const at = (second: number, lag: number) =>
    madeState({
      nowMs: NOON_MS + second * 1000,
      progress: {
        ...view.now.progress,
        ...{ visitsIn: 100 * second, lag, elapsedMs: 60_000 + second * 1000 },
      },
    });
  view.now = at(0, 900);
  const { ask } = await servedAdmin(t, view);
  await ask("/state");
  view.now = at(2, 700);
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  const { json } = await ask("/state");
  assert.deepEqual(json.rates, { visitsPerSecond: 100, sessionsPerSecond: 0 });
  assert.equal(json.catchUpMs, 7_000);
  assert.equal(json.lagTrend, "shrinking");
  const history = (await ask("/history")).json;
  assert.deepEqual(history.lag, [900, 700]);
  assert.deepEqual(history.visitsPerSecond, [0, 100]);
  const later = (await ask(`/history?since=${NOON_MS}`)).json;
  assert.deepEqual(later.atMs, [NOON_MS + 2000]);
});

test("state: the run is asked once a second, however many ask us", async (t) => {
  const view = new MadeView();
  const { ask } = await servedAdmin(t, view);
  const paths = ["/state", "/history", "/partitions", "/shards", "/metrics"];
  const startMs = performance.now();
  const askAll = () => paths.map((path) => ask(path));
  await Promise.all(Array.from({ length: 20 }, askAll).flat());
  const seconds = (performance.now() - startMs) / 1000;
  const asked = `asked ${view.statesAsked} times in ${seconds} s`;
  assert.ok(view.statesAsked <= 2 * seconds + 2, asked);
});

test("latency: since the start, since the reset, and of the last minute", async (t) => {
  const view = new MadeView();
  view.deltas = [delta("processing", [1, 2, 3, 40]), delta("closing", [])];
  const { ask } = await servedAdmin(t, view);
  const first = (await ask("/latency?name=processing&span=reset")).json;
  assert.equal(first.count, 4);
  assert.ok(Math.abs(first.maxMs - 40) < 0.04, `${first.maxMs}`);
  assert.deepEqual(first.points.at(0), [0, first.minMs]);
  assert.equal(first.points.at(-1)[1], first.maxMs);
  const { status, json } = await ask("/latency/reset", { method: "POST" });
  assert.equal(status, 200);
  view.deltas = [delta("processing", [7])];
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  const overview = (await ask("/latency")).json;
  assert.deepEqual(overview.names, ["processing", "closing"]);
  assert.equal(overview.resetAtMs, json.resetAtMs);
  const counts = overview.latencies.map(
    (each: { name: string; span: string; count: number }) =>
      `${each.name} ${each.span} ${each.count}`,
  );
  assert.deepEqual(counts, [
    "processing start 5",
    "processing reset 1",
    "processing minute 5",
    "closing start 0",
    "closing reset 0",
    "closing minute 0",
  ]);
});

test("latency.hgrm: the text of the files that --histograms writes", async (t) => {
  const times = Array.from({ length: 500 }, (_, i) => 0.5 + i * 0.37);
  const view = new MadeView();
  view.deltas = [delta("closing", times)];
  const { ask } = await servedAdmin(t, view);
  const { text, headers } = await ask("/latency.hgrm?name=closing");
  assert.match(text, /^ +Value +Percentile TotalCount/);
  assert.match(text, /#\[Max +=.*Total count +=\s+500\]/);
  assert.match(headers.get("content-disposition")!, /closing-start\.hgrm/);
});

test("failures: one JSON form with the right status", async (t) => {
  const view = new MadeView();
  const { ask } = await servedAdmin(t, view);
  const cases: [string, RequestInit, number, RegExp][] = [
    ["/stat", {}, 404, /did you mean "\/state"/],
    ["/nothing/here", {}, 404, /there are \/healthz, /],
    ["/state", { method: "DELETE" }, 405, /it takes GET, HEAD/],
    ["/latency/reset", {}, 405, /it takes POST/],
    ["/history?since=x", {}, 400, /since must be number, got "x"/],
    ["/history?sinc=1", {}, 400, /no parameter "sinc"/],
    ["/latency?name=closin", {}, 404, /Cannot find a latency "closin"/],
    ["/latency.hgrm", {}, 400, /say which with \?name=/],
    ["/latency?span=day", {}, 400, /one of start, reset, minute, got "day"/],
    [`/${"x".repeat(9000)}`, {}, 414, /8192 at most/],
    ["/%zz", {}, 400, /% that encodes nothing/],
  ];
  for (const [path, init, status, sentence] of cases) {
    const answer = await ask(path, init);
    assert.equal(answer.status, status, path);
    assert.match(answer.json.error, sentence, path);
    assert.match(answer.headers.get("content-type")!, /^application\/json/);
    assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
  }
});

test("healthz: a clock that is set forward is no silence of the run", async (t) => {
  const { ask } = await servedAdmin(t, new MadeView());
  assert.equal((await ask("/state")).status, 200);
  const nowMs = Date.now();
  t.mock.method(Date, "now", () => nowMs + 3_600_000);
  assert.equal((await ask("/healthz")).status, 200);
});

test("readyz: 503 with Retry-After until the run is ready; healthz says ok", async (t) => {
  const view = new MadeView();
  view.now = madeState({ isReady: false, phase: "restoring" });
  const { ask } = await servedAdmin(t, view);
  const unready = await ask("/readyz");
  assert.equal(unready.status, 503);
  assert.equal(unready.headers.get("retry-after"), "1");
  assert.match(unready.json.error, /read back from the window log/);
  assert.equal((await ask("/healthz")).status, 200);
  view.now = madeState();
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  assert.equal((await ask("/readyz")).status, 200);
});

test("readyz: says so when Kafka does not answer", async (t) => {
  const view = new MadeView();
  view.now = madeState({ isReady: false, isKafkaAway: true });
  const { ask } = await servedAdmin(t, view);
  const unready = await ask("/readyz");
  assert.equal(unready.status, 503);
  assert.match(unready.json.error, /^Not ready: Kafka does not answer/);
});

test("a run that never answers: 503, and no request hangs", async (t) => {
  const view = new MadeView();
  view.state = () => new Promise(() => {});
  const { ask } = await servedAdmin(t, view);
  const { status, json } = await ask("/state");
  assert.equal(status, 503);
  assert.match(json.error, /Cannot see the run: it has not answered yet/);
});

test("a port that is taken: the next one, or a sentence", async (t) => {
  const view = new MadeView();
  const { port } = await servedAdmin(t, view);
  const known = { token: null, origins: [], version: "0" };
  const options = { host: "127.0.0.1", port, ...known };
  const warn = () => {};
  await assert.rejects(
    serveAdmin(view, { ...options, mayMove: false, warn }),
    /Cannot serve --admin on 127\.0\.0\.1:\d+: the port is taken/,
  );
  const absent = { ...options, host: "2001:db8::1", mayMove: false, warn };
  await assert.rejects(
    serveAdmin(view, absent),
    /Cannot serve --admin on \[2001:db8::1\]:\d+: /,
  );
  const moved = await serveAdmin(view, { ...options, mayMove: true, warn });
  t.after(() => moved.close());
  assert.ok(moved.port > port);
  const answer = await fetch(`http://127.0.0.1:${moved.port}/healthz`);
  assert.equal(answer.status, 200);
});
