import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { WatermarkMerger } from "../../src/watermark/watermark_merger.ts";

test("WatermarkMerger waits for every shard", () => {
  const merger = new WatermarkMerger(2);
  assert.equal(merger.report(0, 100), false);
  assert.equal(merger.mergedMs, -Infinity);
  assert.equal(merger.report(1, 70), true);
  assert.equal(merger.mergedMs, 70);
});

test("WatermarkMerger is at +Infinity only when all shards are", () => {
  const merger = new WatermarkMerger(2);
  merger.report(0, Infinity);
  merger.report(1, 5);
  assert.equal(merger.mergedMs, 5);
  merger.report(1, Infinity);
  assert.equal(merger.mergedMs, Infinity);
});

test("WatermarkMerger refuses a watermark that is no number", () => {
  assert.throws(() => new WatermarkMerger(1).report(0, Number.NaN), {
    message: "Cannot merge watermark of shard 0: it is NaN",
  });
});

test("WatermarkMerger starts anew with a new assignment", () => {
  const merger = new WatermarkMerger(1);
  merger.report(0, 100);
  merger.restart();
  assert.equal(merger.mergedMs, -Infinity);
  merger.report(0, 40);
  assert.equal(merger.mergedMs, 40);
});

test("WatermarkMerger never goes back, and is the highest minimum so far", () => {
  const reports = fc.array(
    fc.record({ shard: fc.nat(3), ms: fc.integer({ min: -50, max: 50 }) }),
  );
  fc.assert(
    fc.property(reports, (all) => {
      const merger = new WatermarkMerger(4);
      const latest = [-Infinity, -Infinity, -Infinity, -Infinity];
      let expected = -Infinity;
      for (const { shard, ms } of all) {
        const before = merger.mergedMs;
        const moved = merger.report(shard, ms);
        latest[shard] = ms;
        expected = Math.max(expected, Math.min(...latest));
        assert.equal(merger.mergedMs, expected);
        assert.equal(moved, merger.mergedMs > before);
      }
    }),
  );
});
