import assert from "node:assert/strict";
import { test } from "node:test";
import {
  MAX_RESPONSE_BYTES,
  PartitionPosition,
} from "../../../src/source/kafka/partition_position.ts";
import { PartitionTable } from "../../../src/source/kafka/partition_table.ts";
import { ReadingOrder } from "../../../src/source/kafka/reading_order.ts";

const NODE = 1;
const MEGA = 1 << 20;

/** Partitions 0 to n - 1 of one broker, with so many bytes waiting of each. */
function tableOf(...queuedBytes: number[]): PartitionTable {
  const table = new PartitionTable();
  table.assign(
    queuedBytes.map((bytes, partition) => {
      const position = new PartitionPosition(partition);
      position.begin(0);
      position.leader = NODE;
      position.isLost = false;
      position.queuedBytes = bytes;
      return position;
    }),
  );
  return table;
}

/** As many requests as are sent one behind the other, by partition. */
function requests(order: ReadingOrder, table: PartitionTable): number[] {
  const asked: number[] = [];
  for (;;) {
    const [position] = order.plan(table, NODE);
    if (position === undefined) return asked;
    position.isInFlight = true;
    asked.push(position.partition);
  }
}

function orderOf(...partitions: number[]): ReadingOrder {
  const order = new ReadingOrder();
  order.set(partitions.map((partition) => ({ partition, records: Infinity })));
  return order;
}

test("ReadingOrder asks for the partition whose turn it is, then for the next ones", () => {
  assert.deepEqual(requests(orderOf(2, 0, 3), tableOf(0, 0, 0, 0)), [2, 0, 3]);
});

test("ReadingOrder asks for what is wanted, however much of others waits", () => {
  const waiting = [0, 90 * MEGA, 90 * MEGA];
  assert.deepEqual(requests(orderOf(0, 1, 2), tableOf(...waiting)), [0]);
  // Nor do others come before it that were wanted once.
  assert.deepEqual(requests(orderOf(0), tableOf(...waiting)), [0]);
});

test("ReadingOrder reads ahead up to some bytes of a partition, and of all", () => {
  const order = orderOf(0, 1, 2, 3, 4);
  const most = MAX_RESPONSE_BYTES;
  assert.deepEqual(requests(order, tableOf(0, 0, 0, 0, 0)), [0, 1, 2]);
  assert.deepEqual(requests(order, tableOf(0, most, 0, 0, 0)), [0, 2]);
  assert.deepEqual(requests(order, tableOf(0, most, 1, 0, 0)), [0, 2]);
  assert.deepEqual(requests(order, tableOf(0, most, most, 0, 0)), [0]);
  assert.deepEqual(requests(order, tableOf(2 * most, 0, 0, 0, 0)), [1, 2]);
});

test("ReadingOrder is starved when somebody waits and nothing of the turn is under way", () => {
  const order = orderOf(1, 0);
  const table = tableOf(MEGA, 0);
  const position = table.find(1)!;
  assert.equal(order.isStarved(table), false);
  order.isAwaited = true;
  assert.equal(order.isStarved(table), true);
  position.isInFlight = true;
  assert.equal(order.isStarved(table), false);
  position.isInFlight = false;
  position.queuedBytes = 1;
  assert.equal(order.isStarved(table), false);
});

test("ReadingOrder asks for no more than the records that are wanted", () => {
  const order = new ReadingOrder();
  order.set([
    { partition: 0, records: 1000 },
    { partition: 1, records: 10 },
    { partition: 2, records: 10 },
  ]);
  const table = tableOf(0, 0, 0);
  const [first, second, third] = [0, 1, 2].map((each) => table.find(each)!);
  first!.recordBytes = 500;
  second!.queuedRecords = 10;
  assert.deepEqual(requests(order, table), [0, 2]);
  assert.equal(first!.maxBytes, 500 * 1000 * (17 / 16));
  // Nothing is known of its records.
  assert.equal(third!.maxBytes, MAX_RESPONSE_BYTES);
  first!.isInFlight = false;
  first!.queuedRecords = 990;
  order.plan(table, NODE);
  assert.equal(first!.maxBytes, 64 * 1024);
});

test("ReadingOrder leaves out lost, finished and other brokers' partitions", () => {
  const table = tableOf(0, 0, 0, 0);
  table.find(0)!.isLost = true;
  table.find(1)!.isFinished = true;
  table.find(2)!.leader = 2;
  assert.deepEqual(requests(orderOf(0, 1, 2, 3), table), [3]);
});
