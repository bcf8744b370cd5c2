import assert from "node:assert/strict";
import { test } from "node:test";
import { LatencyHistogram } from "../../src/observe/latency.ts";
import { RecentLatency } from "../../src/observe/recent_latency.ts";

test("RecentLatency forgets what is more than ten seconds old", () => {
  const histogram = new LatencyHistogram();
  const recent = new RecentLatency(histogram);
  assert.deepEqual(recent.at(0), { count: 0, p50Ms: 0, p99Ms: 0 });
  histogram.record(500, 100);
  for (let second = 1; second <= 10; second++) {
    histogram.record(second, 1);
    const { count, p50Ms } = recent.at(second * 1000);
    assert.equal(count, 100 + second);
    assertNear(p50Ms, 500);
  }
  const { count, p50Ms, p99Ms } = recent.at(11_000);
  assert.equal(count, 9);
  assertNear(p50Ms, 6);
  assertNear(p99Ms, 10);
});

test("RecentLatency looks once a second at most", () => {
  const histogram = new LatencyHistogram();
  const recent = new RecentLatency(histogram);
  recent.at(0);
  histogram.record(5);
  assert.equal(recent.at(900).count, 0);
  assert.equal(recent.at(1000).count, 1);
});

function assertNear(actual: number, expected: number): void {
  const error = Math.abs(actual - expected) / expected;
  assert.ok(error < 0.002, `${actual}, expected ${expected}`);
}
