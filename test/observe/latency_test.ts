import assert from "node:assert/strict";
import { test } from "node:test";
import { LatencyHistogram } from "../../src/observe/latency.ts";

test("LatencyHistogram gives percentiles with three digits", () => {
  const latency = new LatencyHistogram();
  for (let ms = 1; ms <= 1000; ms++) latency.record(ms);
  const { count, ...times } = latency.percentiles();
  assert.equal(count, 1000);
  assertNear(times.p50Ms, 500);
  assertNear(times.p90Ms, 900);
  assertNear(times.p99Ms, 990);
  assertNear(times.p999Ms, 999);
  assertNear(times.p9999Ms, 1000);
  assertNear(times.maxMs, 1000);
});

test("LatencyHistogram records a latency many times at once", () => {
  const latency = new LatencyHistogram();
  latency.record(1, 5_000_000_000);
  latency.record(10, 0);
  assert.equal(latency.count, 5_000_000_000);
  assertNear(latency.percentiles().maxMs, 1);
});

test("LatencyHistogram keeps its bounds of 1 µs and 1 h", () => {
  const latency = new LatencyHistogram();
  latency.record(-5);
  assert.equal(latency.percentiles().maxMs, 0.001);
  latency.record(1e12);
  assertNear(latency.percentiles().maxMs, 3_600_000);
});

test("LatencyHistogram takes the same memory whatever it records", () => {
  const latency = new LatencyHistogram();
  const before = latency.histogram.estimatedFootprintInBytes;
  for (let ms = 0.001; ms < 1e7; ms *= 1.01) latency.record(ms);
  assert.equal(latency.histogram.estimatedFootprintInBytes, before);
  assert.ok(before < 200_000, `${before}`);
});

test("LatencyHistogram.merge() adds the counts of another one", () => {
  const left = new LatencyHistogram();
  const right = new LatencyHistogram();
  left.record(1, 3);
  right.record(100);
  left.merge(right);
  assert.equal(left.count, 4);
  assertNear(left.percentiles().p50Ms, 1);
  assertNear(left.percentiles().maxMs, 100);
});

test("LatencyHistogram is all zeros when empty", () => {
  const { count, p50Ms, maxMs } = new LatencyHistogram().percentiles();
  assert.deepEqual([count, p50Ms, maxMs], [0, 0, 0]);
});

function assertNear(actualMs: number, expectedMs: number): void {
  const error = Math.abs(actualMs - expectedMs) / expectedMs;
  assert.ok(error < 0.001, `${actualMs} is not near ${expectedMs}`);
}

test("LatencyHistogram has no percentile above its maximum", () => {
  for (let us = 1; us < 200_000; us = Math.ceil(us * 1.01)) {
    const latency = new LatencyHistogram();
    latency.record(us / 1000, 3);
    const { p50Ms, p999Ms, p9999Ms, maxMs } = latency.percentiles();
    assert.deepEqual([p50Ms, p999Ms, p9999Ms], [maxMs, maxMs, maxMs]);
  }
});

test("LatencyReader gives what was recorded since it was asked, each its own", () => {
  const latency = new LatencyHistogram();
  latency.record(1, 3);
  const early = latency.reader();
  const late = latency.reader();
  assert.deepEqual([...early.take()], [1000, 3]);
  latency.record(1);
  latency.record(0.5, 2);
  assert.deepEqual([...early.take()], [500, 2, 1000, 1]);
  assert.deepEqual([...early.take()], []);
  assert.deepEqual([...late.take()], [500, 2, 1000, 4]);
});

test("LatencyReader loses nothing of what is recorded or merged, to the bounds", () => {
  const all = new LatencyHistogram();
  const read = new LatencyHistogram();
  const reader = all.reader();
  const other = new LatencyHistogram();
  let us = 1;
  for (let i = 0; us < 5e9; i++, us = Math.ceil(us * 1.003)) {
    all.record(us / 1000, 1 + (i % 5));
    if (i % 97 === 0) read.add(reader.take());
    other.record(us / 1000);
  }
  all.merge(other);
  read.add(reader.take());
  assert.equal(read.count, all.count);
  for (let percent = 0; percent <= 100; percent += 0.1) {
    assert.equal(
      read.histogram.getValueAtPercentile(percent),
      all.histogram.getValueAtPercentile(percent),
    );
  }
});
