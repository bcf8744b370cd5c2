import assert from "node:assert/strict";
import { test } from "node:test";
import { ACTIVE, FINISHED, IDLE } from "../../src/watermark/partition_state.ts";
import { SharedTime } from "../../src/watermark/shared_time.ts";

/** What a shard says: its local watermark, its clocks, what caused them. */
function said(
  localWatermarkMs: number,
  clocksMs: readonly number[] = [],
  causeMs: number | null = null,
) {
  return { localWatermarkMs, clocksMs: Float64Array.from(clocksMs), causeMs };
}

test("SharedTime merges the minimum of the shards, each heard", () => {
  const time = new SharedTime(2, "merged");
  assert.equal(time.watermarkMs, -Infinity);
  time.merge(0, said(50, [60]));
  assert.equal(time.watermarkMs, -Infinity);
  time.merge(1, said(40, [70]));
  assert.equal(time.watermarkMs, 40);
  assert.deepEqual([...time.news.clocksMs], [70]);
});

test("SharedTime keeps the watermark when a local one goes back", () => {
  const time = new SharedTime(1, "merged");
  time.merge(0, said(50, [60, 90]));
  // Partition 1 was idle and is heard again: the shard counts it once more.
  time.merge(0, said(30, [60, 90]));
  assert.equal(time.watermarkMs, 50);
  time.merge(0, said(51, [60, 90]));
  assert.equal(time.watermarkMs, 51);
});

test("SharedTime has a new version for what is new, and for nothing else", () => {
  const time = new SharedTime(1, "merged");
  const versions = [time.version];
  const note = (change: () => void) => {
    change();
    versions.push(time.version);
  };
  note(() => time.setState(2, ACTIVE));
  note(() => time.setState(2, ACTIVE));
  note(() => time.setState(2, IDLE));
  note(() => time.merge(0, said(5, [9])));
  note(() => time.merge(0, said(5, [9])));
  const steps = versions.slice(1).map((version, i) => version - versions[i]!);
  // A clock and the watermark moved in the last step but one.
  assert.deepEqual(steps, [1, 0, 1, 2, 0]);
  assert.equal(time.news.version, time.version);
  assert.deepEqual([...time.news.states], [0, 0, IDLE]);
});

test("SharedTime knows the record behind the watermark", () => {
  const time = new SharedTime(2, "merged");
  time.merge(0, said(-Infinity, [100], 7));
  assert.equal(time.news.watermarkCauseMs, null);
  // Shard 1 has no visits; what it was told moves its local watermark.
  time.merge(0, said(80, [100]));
  time.merge(1, said(80, [100]));
  assert.equal(time.watermarkMs, 80);
  assert.equal(time.news.watermarkCauseMs, 7);
});

test("SharedTime knows no record behind a watermark that an idle partition, or the end, has moved", () => {
  const time = new SharedTime(1, "merged");
  time.merge(0, said(-Infinity, [100], 7));
  time.setState(1, IDLE);
  time.merge(0, said(80, [100]));
  assert.equal(time.watermarkMs, 80);
  assert.equal(time.news.watermarkCauseMs, null);
  time.merge(0, said(80, [120], 9));
  // What is finished has nothing more to say, but the shards may not be so far.
  time.setState(0, FINISHED);
  time.merge(0, said(100, [120]));
  assert.equal(time.news.watermarkCauseMs, 9);
  time.merge(0, said(Infinity, [130], 11));
  assert.equal(time.news.watermarkCauseMs, null);
});

test("SharedTime says when a clock that a shard tells goes back", () => {
  const time = new SharedTime(2, "merged");
  time.merge(0, said(1, [10, 20]));
  // Another shard may be behind.
  time.merge(1, said(1, [5, -Infinity]));
  assert.throws(() => time.merge(0, said(1, [10, 19])), {
    message:
      "Cannot take clocks of shard 0: that of partition 1 went back from 20 " +
      "to 19 within one assignment",
  });
  assert.throws(() => time.merge(1, said(1)), /partition 0 went back from 5/);
});

test("SharedTime begins anew with a new assignment", () => {
  const time = new SharedTime(2, "merged");
  time.setState(0, ACTIVE);
  for (const shard of [0, 1]) time.merge(shard, said(50, [60, 70]));
  const { version } = time;
  time.restart([1]);
  assert.ok(time.version > version);
  assert.equal(time.watermarkMs, -Infinity);
  assert.deepEqual([...time.news.clocksMs], [60, -Infinity]);
  time.merge(0, said(20, [60, 30]));
  assert.equal(time.watermarkMs, -Infinity);
  time.merge(1, said(10, [60, -Infinity]));
  assert.equal(time.watermarkMs, 10);
  // The partition that stayed goes on.
  assert.throws(() => time.merge(0, said(20, [59, 30])), /partition 0/);
});

test("SharedTime begins an assignment where the last commit was", () => {
  const time = new SharedTime(2, "merged");
  time.setState(0, ACTIVE);
  for (const shard of [0, 1]) time.merge(shard, said(50, [60, 70]));
  const clocks = new Map([
    [1, 33],
    [3, 44],
  ]);
  time.restart([0, 1, 3], { watermarkMs: 20, clocks });
  const { news } = time;
  assert.equal(news.watermarkMs, 20);
  assert.equal(news.watermarkCauseMs, null);
  const clocksMs = [-Infinity, 33, -Infinity, 44];
  assert.deepEqual([...news.clocksMs], clocksMs);
  // It moves when all are heard, and never goes back.
  time.merge(0, said(30, clocksMs));
  assert.equal(time.watermarkMs, 20);
  time.merge(1, said(10, clocksMs));
  assert.equal(time.watermarkMs, 20);
  time.merge(1, said(25, clocksMs));
  assert.equal(time.watermarkMs, 25);
  for (const watermarkMs of [Infinity, Number.NaN]) {
    assert.throws(
      () => time.restart([0], { watermarkMs, clocks: new Map() }),
      /Cannot begin an assignment at watermark/,
    );
  }
});

test("SharedTime that is told takes no watermark of a shard", () => {
  const time = new SharedTime(1, "told");
  time.setState(0, FINISHED);
  time.merge(0, said(Infinity, [60]));
  assert.equal(time.watermarkMs, -Infinity);
  time.tellWatermark(5);
  time.tellWatermark(5);
  assert.equal(time.news.watermarkMs, 5);
  assert.throws(() => time.tellWatermark(4), {
    message: "Cannot tell watermark 4: it is behind 5",
  });
  assert.throws(() => time.tellWatermark(Number.NaN), /behind 5/);
});
