import assert from "node:assert/strict";
import { test } from "node:test";
import { WALL_CLOCK } from "../../src/clock.ts";
import { Assignment } from "../../src/pipeline/assignment.ts";
import type { PartitionProgress } from "../../src/source/source.ts";
import type { ReadChange } from "../../src/wire/orders.ts";

const TIMEOUT_MS = 30_000;

/** An assignment of partitions, at a time that the test sets. */
function assignmentOf(partitions: readonly number[], timeoutMs = TIMEOUT_MS) {
  const clocksMs = new Float64Array(partitions.length).fill(-Infinity);
  const time = { nowMs: 1_000_000 };
  const changes: ReadChange[] = [];
  const dealing = new Set<number>();
  const dispatcher = {
    clocksMs,
    isSettled: true,
    setState() {},
    reassign: (change: ReadChange) => void changes.push(change),
    dealer: { isDealing: (partition: number) => dealing.has(partition) },
  };
  const assignment = new Assignment(dispatcher, {
    topic: "visits",
    idleTimeoutMs: timeoutMs,
    clock: { ...WALL_CLOCK, nowMs: () => time.nowMs },
  });
  const restarted = partitions;
  assignment.assign({
    kind: "assigned",
    partitions,
    restarted,
    topicId: null,
    seat: null,
  });
  /** So much time passes; of these partitions all has been read. */
  const pass = (ms: number, caughtUp: readonly number[]) => {
    time.nowMs += ms;
    assignment.tick(partitions.map((each) => progressOf(each, caughtUp)));
  };
  return { assignment, changes, clocksMs, dealing, pass };
}

function progressOf(
  partition: number,
  caughtUp: readonly number[],
): PartitionProgress {
  const isCaughtUp = caughtUp.includes(partition);
  return { partition, position: null, endOffset: null, lag: null, isCaughtUp };
}

test("Assignment.hold() names the empty partition, and when it is idle", () => {
  const { assignment, clocksMs, pass } = assignmentOf([0, 1, 2]);
  clocksMs[0] = 50;
  clocksMs[1] = 60;
  pass(6_000, [0, 1, 2]);
  assignment.heard(0);
  assignment.heard(1);
  assert.deepEqual(assignment.hold(), {
    topic: "visits",
    partition: 2,
    why: "empty",
    silentMs: 6_000,
    idleInMs: 24_000,
  });
  pass(24_000, [0, 1, 2]);
  // Idle now: the slower of the others counts.
  assert.equal(assignment.hold()?.partition, 0);
});

test("Assignment.hold() tells unread, behind and silent partitions apart", () => {
  const { assignment, clocksMs, pass } = assignmentOf([0, 1]);
  pass(1_000, [1]);
  // The empty one will be idle; the other must be read first.
  assert.equal(assignment.hold()?.partition, 0);
  assert.equal(assignment.hold()?.why, "unread");
  assert.equal(assignment.hold()?.idleInMs, null);
  assignment.heard(0);
  assignment.heard(1);
  clocksMs.set([10, 20]);
  pass(1_000, [1]);
  assert.equal(assignment.hold()?.why, "behind");
  pass(7_000, [0, 1]);
  const { why, silentMs, idleInMs } = assignment.hold()!;
  assert.deepEqual([why, silentMs, idleInMs], ["silent", 7_000, 23_000]);
});

test("a partition is not idle while its last records are not with the shards", () => {
  const { assignment, clocksMs, dealing, pass } = assignmentOf([0, 1]);
  assignment.heard(0);
  pass(1, []);
  assignment.heard(1);
  clocksMs.set([10, 20]);
  dealing.add(0);
  pass(TIMEOUT_MS, [0]);
  assert.equal(assignment.hold()?.partition, 0);
  dealing.clear();
  pass(TIMEOUT_MS - 1, [0]);
  assert.equal(assignment.hold()?.partition, 0);
  pass(1, [0]);
  assert.equal(assignment.hold()?.partition, 1);
});

test("Assignment.hold() knows no end where partitions are never idle", () => {
  const { assignment, pass } = assignmentOf([0], 0);
  pass(60_000, [0]);
  assert.equal(assignment.hold()?.idleInMs, null);
  assignment.finish(0);
  assert.equal(assignment.hold(), null);
});

test("Assignment.assign() says what came and what went", () => {
  const { assignment } = assignmentOf([0, 1]);
  const change = assignment.assign({
    kind: "assigned",
    partitions: [1, 2],
    restarted: [2],
    topicId: null,
    seat: null,
  });
  assert.deepEqual(change, {
    topic: "visits",
    partitions: [1, 2],
    gained: [2],
    revoked: [0],
  });
});

test("Assignment.assign() tells shards the topic's id as soon as there is one", () => {
  const { assignment, changes } = assignmentOf([0]);
  assert.deepEqual(changes, [], "a source without ids needs no order at first");
  const assigned = {
    kind: "assigned",
    partitions: [0],
    seat: null,
  } as const;
  assignment.assign({ ...assigned, restarted: [], topicId: "first" });
  assignment.assign({ ...assigned, restarted: [0], topicId: "second" });
  assert.deepEqual(changes, [
    { dropped: [], topicId: "first" },
    { dropped: [0], topicId: "second" },
  ]);
});
