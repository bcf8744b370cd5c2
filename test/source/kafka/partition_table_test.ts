import assert from "node:assert/strict";
import { test } from "node:test";
import { PartitionPosition } from "../../../src/source/kafka/partition_position.ts";
import {
  PartitionTable,
  planFetch,
} from "../../../src/source/kafka/partition_table.ts";

const NODE = 1;

/** Partitions 0 to n - 1, each so many records behind its end. */
function tableOf(...lags: number[]): PartitionTable {
  const table = new PartitionTable();
  table.assign(
    lags.map((lag, partition) => {
      const position = new PartitionPosition(partition);
      position.begin(100);
      position.leader = NODE;
      position.isLost = false;
      position.lastStableOffset = 100 + lag;
      return position;
    }),
  );
  return table;
}

function plan(table: PartitionTable, others: number): number[] {
  const positions = planFetch(table, NODE, others);
  return positions.map(({ partition }) => partition);
}

test("planFetch() splits partitions with records over two requests", () => {
  const table = tableOf(9, 9, 9, 0);
  assert.deepEqual(plan(table, 0), [0, 1, 3]);
  for (const partition of [0, 1, 3]) table.find(partition)!.isInFlight = true;
  assert.deepEqual(plan(table, 1), [2]);
});

test("planFetch() waits for new records only when no other request would wait too", () => {
  const table = tableOf(0, 9, 0);
  table.find(1)!.isInFlight = true;
  assert.deepEqual(plan(table, 1), []);
  table.find(1)!.isInFlight = false;
  table.find(1)!.lastStableOffset = 100;
  assert.deepEqual(plan(table, 0), [0, 1, 2]);
});

test("planFetch() leaves out lost, finished and other brokers' partitions", () => {
  const table = tableOf(9, 9, 9, 9);
  table.find(0)!.isLost = true;
  table.find(1)!.isFinished = true;
  table.find(2)!.leader = 2;
  assert.deepEqual(plan(table, 0), [3]);
});

test("PartitionTable.moveToEnd() lets the others come first", () => {
  const table = tableOf(9, 9, 9);
  table.moveToEnd(table.find(0)!);
  assert.deepEqual(
    table.all.map(({ partition }) => partition),
    [1, 2, 0],
  );
});

test("PartitionPosition.isCaughtUp() asks for a fresh answer and for read records", () => {
  const [position] = tableOf(0).all;
  position!.answeredAtMs = 10_000;
  assert.equal(position!.isCaughtUp(10_500), true);
  assert.equal(position!.isCaughtUp(20_000), false);
  position!.unreadChunks = 1;
  assert.equal(position!.isCaughtUp(10_500), false);
  position!.unreadChunks = 0;
  position!.lastStableOffset = 101;
  assert.equal(position!.isCaughtUp(10_500), false);
});

for (const why of ["isLost", "isInFlight"] as const) {
  const name = why === "isLost" ? "is lost" : "waits for an answer";
  test(`progress: of a partition that ${name} for 5 s nobody knows the lag`, () => {
    const [position] = tableOf(9).all;
    position!.answeredAtMs = 1_000;
    assert.equal(position!.progress(60_000).lag, 9, "we may be slow to ask");
    position![why] = true;
    assert.equal(position!.progress(5_999).lag, 9);
    const { lag, endOffset, isCaughtUp } = position!.progress(6_000);
    const unknown = { lag: null, endOffset: null, isCaughtUp: false };
    assert.deepEqual({ lag, endOffset, isCaughtUp }, unknown);
    position![why] = false;
    assert.equal(position!.progress(6_001).lag, 9);
  });
}
