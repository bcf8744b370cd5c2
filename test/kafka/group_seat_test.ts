import assert from "node:assert/strict";
import { test } from "node:test";
import { type GroupSeat, OwnSeat } from "../../src/kafka/group_seat.ts";

const SEAT: GroupSeat = {
  memberId: "m",
  generationId: 1,
  groupInstanceId: "pod-1",
};

test("OwnSeat: a seat is taken back until the time within which it was taken", () => {
  const seat = new OwnSeat();
  seat.take(1_000);
  seat.now = SEAT;
  assert.equal(seat.tryTakeBack(7_001, 6_000), false);
  assert.equal(seat.now, SEAT);
  assert.equal(seat.tryTakeBack(7_000, 6_000), true);
  // Who joins under the id of before does not get the seat.
  assert.equal(seat.now, null);
});

test("OwnSeat: a seat is taken back once, though it is taken anew", () => {
  const seat = new OwnSeat();
  seat.take(1_000);
  assert.equal(seat.tryTakeBack(2_000, 6_000), true);
  seat.take(3_000);
  assert.equal(seat.tryTakeBack(3_500, 6_000), false);
});

test("OwnSeat: a seat that this process has not taken is not taken back", () => {
  const seat = new OwnSeat(SEAT);
  assert.equal(seat.tryTakeBack(0, 6_000), false);
  assert.equal(seat.now, SEAT);
});

test("OwnSeat: a seat may be taken back while it is still being taken", () => {
  const seat = new OwnSeat();
  seat.take(1_000);
  assert.equal(seat.tryTakeBack(1_000, 6_000), true);
});

test("OwnSeat tells how long ago the seat was taken back", () => {
  const seat = new OwnSeat();
  seat.take(1_000);
  assert.equal(seat.wasTakenBackWithin(1_000, 5_000), false);
  assert.equal(seat.tryTakeBack(2_000, 6_000), true);
  // What is refused later is no new beginning.
  assert.equal(seat.tryTakeBack(6_000, 6_000), false);
  assert.equal(seat.wasTakenBackWithin(7_000, 5_000), true);
  assert.equal(seat.wasTakenBackWithin(7_001, 5_000), false);
});
