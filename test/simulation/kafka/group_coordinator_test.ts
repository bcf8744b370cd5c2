import assert from "node:assert/strict";
import { test } from "node:test";
import { Random } from "../../../src/generate/random.ts";
import type { GroupSeat } from "../../../src/kafka/group_seat.ts";
import { START_MS } from "../plan.ts";
import { Scheduler } from "../scheduler.ts";
import { GroupCoordinator } from "./group_coordinator.ts";
import type { Joined } from "./group_member.ts";
import { type ErrorType, isKafkaError } from "./kafka_error.ts";

const TIMEOUTS = { sessionTimeoutMs: 1_000, rebalanceTimeoutMs: 3_000 };

function setUp() {
  const scheduler = new Scheduler(new Random(1), START_MS);
  const group = new GroupCoordinator(() => scheduler.nowMs());
  scheduler.every(100, () => group.tick());
  const pass = (ms: number) => scheduler.drive(scheduler.pause("time", ms));
  const join = (memberId = "", groupInstanceId: string | null = null) =>
    group.join({ memberId, groupInstanceId, ...TIMEOUTS });
  return { group, pass, join };
}

function seatOf(
  { memberId, generationId }: Joined,
  groupInstanceId: string | null = null,
): GroupSeat {
  return { memberId, generationId, groupInstanceId };
}

function refused(type: ErrorType) {
  return (error: unknown) => isKafkaError(error, type);
}

function dealt(...partitions: number[]) {
  return { partitions, partitionCount: 2 };
}

/** A group of one member that has its assignment. */
async function setUpOne(groupInstanceId: string | null = null) {
  const parts = setUp();
  const joined = await parts.join("", groupInstanceId);
  const seat = seatOf(joined, groupInstanceId);
  const assignment = new Map([[joined.memberId, dealt(0, 1)]]);
  assert.deepEqual(await parts.group.sync(seat, assignment), dealt(0, 1));
  return { ...parts, joined, seat };
}

test("group: the first member leads, and a second one rebalances", async () => {
  const { group, join, joined, seat } = await setUpOne();
  assert.equal(joined.leaderId, joined.memberId);
  group.heartbeat(seat);
  const second = join();
  assert.equal(group.state, "preparing");
  // The old generation counts until the next one begins.
  group.checkCommit(seat);
  assert.throws(() => group.heartbeat(seat), refused("REBALANCE_IN_PROGRESS"));
  const again = await join(seat.memberId);
  const other = await second;
  assert.equal(again.generationId, seat.generationId + 1);
  assert.throws(() => group.checkCommit(seat), refused("ILLEGAL_GENERATION"));
  group.checkCommit(seatOf(again));
  const waiting = group.sync(seatOf(other), null);
  const assignment = new Map([
    [again.memberId, dealt(0)],
    [other.memberId, dealt(1)],
  ]);
  assert.deepEqual(await group.sync(seatOf(again), assignment), dealt(0));
  assert.deepEqual(await waiting, dealt(1));
});

test("group: who is not heard of loses its seat", async () => {
  const { group, pass, seat } = await setUpOne();
  await pass(900);
  group.heartbeat(seat);
  await pass(900);
  group.checkCommit(seat);
  await pass(1_300);
  const isUnknown = refused("UNKNOWN_MEMBER_ID");
  assert.throws(() => group.checkCommit(seat), isUnknown);
  assert.throws(() => group.heartbeat(seat), isUnknown);
  assert.equal(group.state, "empty");
});

test("group: a rebalance goes on without who does not join", async () => {
  const { group, pass, join, seat } = await setUpOne();
  const second = join();
  for (let ms = 0; ms < 2_900; ms += 500) {
    assert.throws(
      () => group.heartbeat(seat),
      refused("REBALANCE_IN_PROGRESS"),
    );
    await pass(500);
  }
  await pass(500);
  const joined = await second;
  assert.equal(joined.leaderId, joined.memberId);
  assert.deepEqual(joined.memberIds, [joined.memberId]);
  assert.throws(() => group.checkCommit(seat), refused("UNKNOWN_MEMBER_ID"));
});

test("group: a static member that starts again has its partitions at once", async () => {
  const { group, join, seat } = await setUpOne("a");
  const joined = await join("", "a");
  assert.equal(joined.generationId, seat.generationId);
  assert.notEqual(joined.leaderId, joined.memberId);
  assert.deepEqual(await group.sync(seatOf(joined, "a"), null), dealt(0, 1));
  const isFenced = refused("FENCED_INSTANCE_ID");
  assert.throws(() => group.checkCommit(seat), isFenced);
  assert.throws(() => group.heartbeat(seat), isFenced);
  assert.throws(() => join(seat.memberId, "a"), isFenced);
  await assert.rejects(group.sync(seat, null), isFenced);
  const without = { ...seat, groupInstanceId: null };
  assert.throws(() => group.checkCommit(without), refused("UNKNOWN_MEMBER_ID"));
  group.checkCommit(seatOf(joined));
});

test("group: commits are looked at by member and generation alone", async () => {
  const { group, seat } = await setUpOne();
  group.checkCommit({ memberId: "", generationId: -1, groupInstanceId: null });
  const cases: [GroupSeat, ErrorType][] = [
    [{ ...seat, generationId: -1 }, "ILLEGAL_GENERATION"],
    [{ ...seat, generationId: seat.generationId + 1 }, "ILLEGAL_GENERATION"],
    [{ ...seat, memberId: "other" }, "UNKNOWN_MEMBER_ID"],
    [{ ...seat, groupInstanceId: "other" }, "UNKNOWN_MEMBER_ID"],
  ];
  for (const [wrong, type] of cases) {
    assert.throws(() => group.checkCommit(wrong), refused(type));
  }
});

test("group: who leaves is gone, and the others rebalance", async () => {
  const { group, join, seat } = await setUpOne();
  const second = join();
  const again = await join(seat.memberId);
  const other = await second;
  group.leave(seatOf(other));
  assert.equal(group.state, "preparing");
  const third = await join(again.memberId);
  assert.equal(third.generationId, again.generationId + 1);
  assert.deepEqual(third.memberIds, [third.memberId]);
});
