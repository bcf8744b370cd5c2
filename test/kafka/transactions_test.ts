import assert from "node:assert/strict";
import { test } from "node:test";
import { readWithKcat } from "../support/kcat.ts";
import { testKafka } from "../support/test_kafka.ts";
import {
  NOBODY,
  newJob,
  offsetAt,
  openLife,
  valuesOf,
} from "../support/transaction_life.ts";

// Its first transaction meets a broker that has no coordinators yet.
const { brokers } = await testKafka();

test("Transactions: output, log and offsets become valid in one step", async (context) => {
  const job = await newJob(brokers);
  const { life, write, writerOf } = await openLife(context, job);
  await Promise.all([
    write(job.sessions, 0, "a"),
    write(job.sessions, 1, "b"),
    write(job.log, 0, "delta"),
  ]);
  assert.deepEqual(await valuesOf(job, job.sessions), []);
  const before = await life.committed([0, 1], NOBODY);
  assert.deepEqual(before.get(0), { offset: null, metadata: "" });
  await life.commit(
    [
      { partition: 0, offset: 7, metadata: "seven" },
      { partition: 1, offset: 2 ** 40, metadata: "ü" },
    ],
    job.seat,
  );
  assert.deepEqual(await valuesOf(job, job.sessions), ["0:a", "1:b"]);
  assert.deepEqual(await valuesOf(job, job.log), ["0:delta"]);
  assert.equal(writerOf(job.log).queues[0]!.endOffset, 1);
  const committed = await life.committed([0, 1], NOBODY);
  assert.deepEqual(committed.get(0), { offset: 7, metadata: "seven" });
  assert.deepEqual(committed.get(1), { offset: 2 ** 40, metadata: "ü" });
});

test("Transactions: one follows on the other without a pause", async (context) => {
  const job = await newJob(brokers);
  const { life, write } = await openLife(context, job);
  for (let n = 0; n < 50; n++) {
    await write(job.sessions, n % 2, `${n}`);
    await life.commit(offsetAt(n), job.seat);
  }
  const records = await readWithKcat(brokers, job.sessions);
  const values = records.map(({ value }) => Number(value));
  assert.deepEqual(
    values.sort((a, b) => a - b),
    Array.from({ length: 50 }, (_, n) => n),
  );
  const committed = await life.committed([0], NOBODY);
  assert.equal(committed.get(0)?.offset, 49);
});

test("Transactions: offsets alone are a transaction, nothing is none", async (context) => {
  const job = await newJob(brokers);
  const { life } = await openLife(context, job);
  await life.commit([], job.seat);
  await life.commit(offsetAt(3, "claim"), job.seat);
  const committed = await life.committed([0], NOBODY);
  assert.deepEqual(committed.get(0), { offset: 3, metadata: "claim" });
});

test("Transactions: what is written during a commit belongs to the next", async (context) => {
  const job = await newJob(brokers);
  const { life, write } = await openLife(context, job);
  await write(job.sessions, 0, "first");
  const commit = life.commit(offsetAt(1), job.seat);
  const second = write(job.sessions, 0, "second");
  await commit;
  await second;
  assert.deepEqual(await valuesOf(job, job.sessions), ["0:first"]);
  await life.commit(offsetAt(2), job.seat);
  assert.deepEqual(await valuesOf(job, job.sessions), ["0:first", "0:second"]);
});

test("Transactions: nothing is committed that is not acknowledged", async (context) => {
  const job = await newJob(brokers);
  const { life, write } = await openLife(context, job);
  const writing = write(job.sessions, 0, "a");
  const rejected = assert.rejects(writing, /^Error: Cannot commit/);
  await assert.rejects(life.commit(offsetAt(1), job.seat), {
    message: /^Cannot commit: 1 records of \d+ bytes wait for topic "sessions-/,
  });
  await rejected;
});

test("Transactions: what is aborted was never there", async (context) => {
  const job = await newJob(brokers);
  const first = await openLife(context, job);
  await first.write(job.sessions, 0, "a");
  await first.life.commit(offsetAt(1), job.seat);
  await first.write(job.sessions, 0, "void");
  await first.life.abort();
  const gone = { name: "RecoverableError", message: /was given up$/ };
  await assert.rejects(first.write(job.sessions, 0, "c"), gone);
  await assert.rejects(first.life.commit(offsetAt(2), job.seat), gone);
  const second = await openLife(context, job);
  await second.write(job.sessions, 0, "b");
  await second.life.commit(offsetAt(2), job.seat);
  assert.deepEqual(await valuesOf(job, job.sessions), ["0:a", "0:b"]);
});

test("Transactions: a timeout that the broker does not allow is refused", async (context) => {
  const job = await newJob(brokers);
  const timeoutMs = 2_000_000_000;
  await assert.rejects(openLife(context, job, { timeoutMs }), {
    name: "WorldError",
    message:
      `Cannot begin transactions as "${job.transactionalId}": ` +
      "--transaction-timeout is longer than the broker allows; give one that " +
      "is not above its transaction.max.timeout.ms",
  });
});
