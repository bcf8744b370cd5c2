import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LogExtent } from "../../src/checkpoint/log_extent.ts";

const MIB = 1 << 20;

/** Commits of so many bytes, of ten records each, the mark the last of them. */
function extentOf(sizes: readonly number[]): LogExtent {
  const extent = new LogExtent(0, { from: 0, end: 0 });
  sizes.forEach((byteLength, index) => {
    extent.add(index + 1, { end: 10 * (index + 1), byteLength });
  });
  return extent;
}

test("LogExtent: begins where the oldest commit does that is needed", () => {
  const extent = extentOf([1, 1, 1, 1]);
  extent.moveFrom(2);
  assert.equal(extent.from, 10);
  assert.equal(extent.byteLength, 3);
  extent.moveFrom(4);
  assert.equal(extent.from, 30);
});

test("LogExtent: never passes the last mark, and keeps it", () => {
  const extent = extentOf([1, 1]);
  extent.moveFrom(null);
  assert.equal(extent.from, 19);
  assert.equal(extent.end, 20);
  extent.add(3, { end: 30, byteLength: 1 });
  extent.moveFrom(3);
  assert.equal(extent.from, 20);
  extent.moveFrom(null);
  assert.equal(extent.from, 29);
});

test("LogExtent: without a commit nothing moves", () => {
  const extent = new LogExtent(0, { from: 5, end: 9 });
  extent.moveFrom(null);
  assert.equal(extent.from, 5);
  assert.equal(extent.renewal(0), null);
});

test("LogExtent: commits come in order", () => {
  const extent = extentOf([1, 1]);
  assert.throws(() => extent.add(2, { end: 30, byteLength: 1 }), /commit 2/);
  assert.throws(() => extent.add(3, { end: 20, byteLength: 1 }), /commit 3/);
});

test("LogExtent: what is needed is never in front of its beginning", () => {
  // Sessions live for some commits; the oldest of them says what is needed.
  const lives = fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 60 });
  fc.assert(
    fc.property(lives, (livesOfCommits) => {
      const extent = new LogExtent(0, { from: 0, end: 0 });
      livesOfCommits.forEach((_, index) => {
        const commit = index + 1;
        extent.add(commit, { end: 10 * commit, byteLength: 100 });
        const live = livesOfCommits
          .slice(0, commit)
          .map((life, at) => (at + life >= index && life > 0 ? at + 1 : null))
          .filter((each) => each !== null);
        const before = extent.from;
        extent.moveFrom(live[0] ?? null);
        const needed = live.length > 0 ? 10 * (live[0]! - 1) : 10 * commit - 1;
        assert.ok(extent.from <= needed && extent.from >= before);
        // Nor is it left behind for ever.
        assert.equal(extent.from, Math.max(before, needed));
      });
    }),
  );
});

test("LogExtent: asks for a renewal when much of it is of no use", () => {
  const extent = extentOf(Array.from({ length: 150 }, () => MIB));
  assert.equal(extent.renewal(84 * MIB), null);
  const renewal = extent.renewal(32 * MIB)!;
  // What is left behind it is three quarters of what is allowed.
  assert.equal(renewal.beforeCommit, 150 - 54 + 1);
  assert.equal(renewal.bytes, 8 * MIB);
});

test("LogExtent: renewals keep the log below what is allowed", () => {
  const live = 100 * MIB;
  const extent = new LogExtent(0, { from: 0, end: 0 });
  // Every session is put once a round, as bytes by the commit of its last put.
  const puts = [{ commit: 1, bytes: live }];
  extent.add(1, { end: 10, byteLength: live });
  for (let commit = 2; commit < 3_000; commit++) {
    const renewal = extent.renewal(live);
    let left = renewal?.bytes ?? 0;
    let renewed = 0;
    while (left > 0 && puts[0]!.commit < renewal!.beforeCommit) {
      const bytes = Math.min(left, puts[0]!.bytes);
      puts[0]!.bytes -= bytes;
      left -= bytes;
      renewed += bytes;
      if (puts[0]!.bytes === 0) puts.shift();
    }
    if (renewed > 0) puts.push({ commit, bytes: renewed });
    const byteLength = MIB / 2 + renewed;
    extent.add(commit, { end: 10 * commit, byteLength });
    extent.moveFrom(puts[0]!.commit);
    assert.ok(extent.byteLength <= 2.5 * live + 64 * MIB, `commit ${commit}`);
  }
  assert.ok(extent.from > 0);
});

test("LogExtent: tells once, and not for little, what can be deleted", () => {
  const extent = extentOf(Array.from({ length: 10 }, () => MIB));
  const takeDeletable = () => extent.takeDeletable(4 * MIB);
  extent.moveFrom(3);
  assert.equal(takeDeletable(), null);
  extent.moveFrom(6);
  assert.equal(takeDeletable(), 50);
  assert.equal(takeDeletable(), null);
  extent.moveFrom(7);
  assert.equal(extent.takeDeletable(1), 60);
});
