import assert from "node:assert/strict";
import { test } from "node:test";
import { HistogramLogReader } from "hdr-histogram-js";
import { CURVE_PERCENTILES } from "../../src/admin/latency_curve.ts";
import { LatencyViews } from "../../src/admin/latency_views.ts";
import { LatencyHistogram } from "../../src/observe/latency.ts";
import { NOON_MS } from "./made_view.ts";

/** What a run that recorded these hands over. */
function deltasOf(times: readonly number[]) {
  const latency = new LatencyHistogram();
  for (const ms of times) latency.record(ms);
  return [{ name: "closing", counts: latency.reader().take() } as const];
}

test("the last minute: what is older than that is gone, to the ms", () => {
  const views = new LatencyViews(NOON_MS);
  views.add(deltasOf([100]), NOON_MS + 1_000);
  views.add(deltasOf([1]), NOON_MS + 2_000);
  const countAt = (ms: number) => {
    views.add([], NOON_MS + ms);
    return views.summary("closing", "minute").count;
  };
  assert.equal(countAt(60_999), 2);
  assert.equal(countAt(61_000), 1);
  assert.equal(views.summary("closing", "minute").maxMs, 1);
  assert.equal(countAt(62_000), 0);
  assert.deepEqual(views.plot("closing", "minute").points, []);
  const { count, maxMs } = views.summary("closing", "start");
  assert.equal(count, 2);
  assert.ok(maxMs >= 100 && maxMs < 100.1);
});

test("spans begin where they say", () => {
  const views = new LatencyViews(NOON_MS);
  views.add(deltasOf([1]), NOON_MS + 90_000);
  views.reset(NOON_MS + 80_000);
  const since = (span: "start" | "reset" | "minute") =>
    views.summary("closing", span).sinceMs - NOON_MS;
  assert.equal(since("start"), 0);
  assert.equal(since("reset"), 80_000);
  assert.equal(since("minute"), 30_000);
});

test("hlog: ten minutes of intervals that another reader adds up, and no more", () => {
  const views = new LatencyViews(NOON_MS);
  for (let second = 1; second <= 660; second++) {
    views.add(deltasOf([second]), NOON_MS + second * 1_000);
  }
  const text = views.hlog("closing");
  const reader = new HistogramLogReader(text);
  let count = 0;
  let intervals = 0;
  let from = Infinity;
  for (;;) {
    const interval = reader.nextIntervalHistogram();
    if (interval === null) break;
    intervals++;
    count += (interval as { totalCount: number }).totalCount;
    from = Math.min(from, interval.startTimeStampMsec - NOON_MS);
  }
  assert.equal(intervals, 120);
  assert.equal(count, 600);
  assert.equal(from, 60_000);
});

test("curve: the latencies of its percentiles as the histogram has them", () => {
  const latency = new LatencyHistogram();
  for (let i = 1; i <= 5_000; i++)
    latency.record((i * 7919) % 1_000, 1 + (i % 3));
  const views = new LatencyViews(NOON_MS);
  const counts = latency.reader().take();
  views.add([{ name: "processing", counts }], NOON_MS);
  const { points, maxMs, count } = views.plot("processing", "start");
  assert.deepEqual(
    points.map(([percentile]) => percentile),
    CURVE_PERCENTILES,
  );
  for (const [percentile, ms] of points) {
    const us = latency.histogram.getValueAtPercentile(percentile);
    assert.equal(ms, Math.min(us / 1000, maxMs), `${percentile}`);
  }
  assert.equal(count, latency.count);
  for (const percentile of [0, 90, 99, 99.9, 99.99, 99.999, 99.9999]) {
    assert.ok(CURVE_PERCENTILES.includes(percentile), String(percentile));
  }
});

test("memory of a long run is bounded", () => {
  const views = new LatencyViews(NOON_MS);
  const times = Array.from({ length: 2_000 }, (_, i) => 0.5 + i * 0.05);
  const deltas = deltasOf(times);
  const fill = (from: number, to: number) => {
    for (let second = from; second < to; second++) {
      views.add(deltas, NOON_MS + second * 1_000);
    }
    return views.hlog("closing").length;
  };
  const full = fill(1, 610);
  const later = fill(610, 1_000);
  assert.ok(Math.abs(later - full) < full * 0.05, `${full} and ${later}`);
  assert.equal(views.summary("closing", "minute").count, 60 * 2_000);
});

test("what is asked for is made once, until there is something new", () => {
  const views = new LatencyViews(NOON_MS);
  const all = () => [
    views.summary("closing", "reset"),
    views.plot("closing", "reset"),
  ];
  views.add(deltasOf([1]), NOON_MS + 1_000);
  const [summary, plot] = all();
  all().forEach((each, i) => {
    assert.equal(each, [summary, plot][i]);
  });
  assert.equal(plot!.count, 1);
  const text = views.hgrm("closing", "reset");
  views.add(deltasOf([2]), NOON_MS + 2_000);
  assert.deepEqual(
    all().map(({ count }) => count),
    [2, 2],
  );
  assert.notEqual(views.hgrm("closing", "reset"), text);
  views.reset(NOON_MS + 3_000);
  assert.deepEqual(
    all().map(({ count }) => count),
    [0, 0],
  );
});
