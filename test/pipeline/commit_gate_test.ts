import assert from "node:assert/strict";
import { test } from "node:test";
import type { ShardReport } from "../../src/fleet/shard_report.ts";
import { CommitGate } from "../../src/pipeline/commit_gate.ts";
import type { SessionChunk } from "../../src/wire/messages.ts";

const SHARDS = 2;

/** A gate that takes reports, and what it has written to the log. */
function openGate(holds: boolean) {
  const logged: SessionChunk[] = [];
  const gate = new CommitGate({
    ...{ shardCount: SHARDS, holds },
    async log(batches) {
      logged.push(...batches);
    },
  });
  gate.open();
  return { gate, logged };
}

/** A report with output or without, which answers a barrier or does not. */
function report(
  shard: number,
  options: { barrier?: number; isEmpty?: true } = {},
): ShardReport {
  const { barrier, isEmpty } = options;
  const payload = isEmpty ? null : new ArrayBuffer(8);
  const answers =
    barrier === undefined ? [] : [{ kind: "barrier", commit: barrier }];
  return { shard, payload, answers } as unknown as ShardReport;
}

test("CommitGate lets out what is before the barrier, holds what is behind it", async () => {
  const { gate } = openGate(true);
  assert.equal(gate.admit(report(0)), null);
  gate.begin(1);
  assert.equal(gate.admit(report(0, { barrier: 1 })), null);
  const behind = [gate.admit(report(0)), gate.admit(report(0))];
  // The other shard has not answered yet.
  assert.equal(gate.admit(report(1)), null);
  assert.throws(() => gate.takeLogBytes(), /has not answered/);
  assert.equal(gate.admit(report(1, { barrier: 1 })), null);
  behind.push(gate.admit(report(1)));
  gate.takeLogBytes();
  const order: number[] = [];
  const waiting = behind.map(async (admitted, index) => {
    assert.equal(await admitted, true);
    order.push(index);
  });
  assert.deepEqual(order, []);
  gate.release();
  await Promise.all(waiting);
  assert.deepEqual(order, [0, 1, 2]);
  // The next commit has a barrier of its own.
  assert.equal(gate.admit(report(0)), null);
});

test("CommitGate of outputs outside of the transaction holds nothing", () => {
  const { gate } = openGate(false);
  assert.equal(gate.committed, null);
  gate.begin(1);
  for (const options of [{ barrier: 1 }, {}]) {
    assert.equal(gate.admit(report(0, options)), null);
  }
});

test("CommitGate drops what waits, and all until the next assignment", async () => {
  const { gate } = openGate(true);
  gate.begin(1);
  gate.admit(report(0, { barrier: 1 }));
  const held = gate.admit(report(0));
  gate.drop();
  assert.equal(await held, false);
  assert.equal(await gate.admit(report(1)), false);
  gate.open();
  assert.equal(gate.admit(report(0)), null);
});

test("CommitGate does not hold a report without output", () => {
  const { gate } = openGate(true);
  gate.begin(1);
  gate.admit(report(0, { barrier: 1 }));
  assert.equal(gate.admit(report(0, { isEmpty: true })), null);
});

test("CommitGate knows what makes another commit due", () => {
  const { gate } = openGate(true);
  gate.admit(report(0));
  assert.equal(gate.hasOutput, true);
  gate.begin(1);
  assert.equal(gate.hasOutput, false);
  // Of this commit, and so no reason for the next.
  gate.admit(report(0, { barrier: 1 }));
  gate.admit(report(1, { barrier: 1, isEmpty: true }));
  assert.equal(gate.hasOutput, false);
  void gate.admit(report(0));
  gate.release();
  assert.equal(gate.hasOutput, true);
});

test("CommitGate counts a commit's bytes of the log, and waits for all writes", async () => {
  const { gate, logged } = openGate(true);
  const chunk = { partition: 1, count: 1, bytes: new Uint8Array(10) };
  gate.begin(1);
  const { promise, resolve } = Promise.withResolvers<void>();
  gate.wrote(promise);
  gate.wrote(gate.log([chunk, chunk]));
  gate.admit(report(0, { barrier: 1 }));
  gate.admit(report(1, { barrier: 1 }));
  assert.deepEqual([...gate.takeLogBytes()], [[1, 20]]);
  assert.equal(logged.length, 2);
  let isWritten = false;
  const written = gate.written().then(() => {
    isWritten = true;
  });
  await Promise.resolve();
  assert.equal(isWritten, false);
  resolve();
  await written;
  assert.equal(gate.hasWritten, true);
  gate.release();
  assert.equal(gate.hasWritten, false);
});

test("CommitGate tells when what was put out counts", async () => {
  const { gate } = openGate(true);
  let isCommitted = false;
  void gate.committed!.then(() => {
    isCommitted = true;
  });
  await Promise.resolve();
  assert.equal(isCommitted, false);
  gate.release();
  await Promise.resolve();
  assert.equal(isCommitted, true);
});
