import assert from "node:assert/strict";
import { test } from "node:test";
import { EventQueue } from "../../../src/source/kafka/event_queue.ts";
import { PartitionAssignments } from "../../../src/source/kafka/partition_assignments.ts";
import { PartitionTable } from "../../../src/source/kafka/partition_table.ts";
import type { SourceEvent } from "../../../src/source/source.ts";
import { listChunk } from "../../support/list_chunk.ts";

/** Assignments with a queue that nobody reads. */
function openAssignments({ restartsAll = false } = {}) {
  const table = new PartitionTable();
  const queue = new EventQueue();
  const assignments = new PartitionAssignments({
    topic: "visits",
    bounded: false,
    onNewTopic: restartsAll ? "drop" : "flush",
    restartsAll,
    queue,
    read: (positions) => table.assign(positions),
    table: () => table,
    log: { info() {}, warn() {} },
  });
  return { table, queue, assignments };
}

function eventsOf(queue: EventQueue): SourceEvent["kind"][] {
  const kinds: SourceEvent["kind"][] = [];
  for (let entry = queue.shift(); entry; entry = queue.shift()) {
    kinds.push(entry.event.kind);
  }
  return kinds;
}

test("EventQueue keeps what a flush is to emit, whatever is assigned behind it", () => {
  const { table, queue, assignments } = openAssignments();
  assignments.assign([0]);
  const chunk = listChunk(["visit"], { partition: 0, baseOffset: 0 });
  queue.pushRecords({ kind: "records", chunk }, table.find(0)!, 1);
  assignments.onNewTopic("new", [0]);
  // The group deals the partitions out anew before the pipeline asks again.
  assignments.assign([1]);
  const before = ["assigned", "records", "flush"];
  assert.deepEqual(eventsOf(queue), [...before, "assigned", "assigned"]);
});

test("EventQueue keeps the topic of each assignment, whichever it is by then", () => {
  const { queue, assignments } = openAssignments();
  assignments.topicId = "old";
  assignments.assign([0]);
  assignments.assign([0, 1]);
  assignments.onNewTopic("new", [0]);
  assignments.assign([1]);
  const topicIds: unknown[] = [];
  for (let entry = queue.shift(); entry; entry = queue.shift()) {
    const { event } = entry;
    topicIds.push(event.kind === "assigned" ? event.topicId : event.kind);
  }
  assert.deepEqual(topicIds, ["old", "old", "flush", "new", "new"]);
});

test("EventQueue drops what was read before an assignment that takes it", () => {
  const { table, queue, assignments } = openAssignments();
  assignments.assign([0]);
  const chunk = listChunk(["visit"], { partition: 0, baseOffset: 0 });
  queue.pushRecords({ kind: "records", chunk }, table.find(0)!, 1);
  assignments.assign([1]);
  assert.deepEqual(eventsOf(queue), ["assigned", "assigned"]);
});

test("EventQueue gives back all records when it is cleared", () => {
  const { table, queue, assignments } = openAssignments();
  assignments.assign([0]);
  let released = 0;
  const chunk = {
    ...listChunk(["visit"], { partition: 0, baseOffset: 0 }),
    release: () => void released++,
  };
  queue.pushRecords({ kind: "records", chunk }, table.find(0)!, 1);
  assignments.onNewTopic("new", [0]);
  queue.clear();
  assert.deepEqual([released, queue.isEmpty], [1, true]);
});

test("an assignment that nobody has heard of gives way where all restart", () => {
  const { table, queue, assignments } = openAssignments({ restartsAll: true });
  const seat = (generationId: number) => ({
    ...{ memberId: "m", generationId, groupInstanceId: null },
  });
  assignments.assign([0, 1], { seat: seat(1) });
  // What was committed of a log that was cut does not count, nor later.
  assignments.onCut(table.find(1)!, 7);
  assignments.assign([1, 2], { seat: seat(2) });
  const { event } = queue.shift()!;
  assert.deepEqual(event, {
    ...{ kind: "assigned", partitions: [1, 2], restarted: [1, 2] },
    ...{ topicId: null, seat: seat(2), voided: [1] },
  });
  assert.equal(queue.shift(), undefined);
});
