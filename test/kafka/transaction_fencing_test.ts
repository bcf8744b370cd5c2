import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { OwnSeat } from "../../src/kafka/group_seat.ts";
import { commitOffsets } from "../../src/kafka/private/group_offsets_seam.ts";
import {
  addOffsets,
  endTransaction,
  initProducerId,
} from "../../src/kafka/private/transaction_seam.ts";
import { transactionFailure } from "../../src/kafka/transaction_failure.ts";
import { handBroker, joinGroup } from "../support/group_member.ts";
import { testKafka } from "../support/test_kafka.ts";
import {
  type Job,
  NOBODY,
  newJob,
  offsetAt,
  openLife,
  valuesOf,
} from "../support/transaction_life.ts";
import { waitUntil } from "../support/wait_until.ts";

const { brokers } = await testKafka();
const hand = await handBroker(brokers);
after(() => hand.close());

test("Transactions: a new life fences the one before", async (context) => {
  const job = await newJob(brokers);
  const [first, other] = [
    await openLife(context, job),
    await openLife(context, { ...job, transactionalId: `${job.group}-b` }),
  ];
  await first.write(job.sessions, 0, "void");
  await other.write(job.sessions, 1, "of another");
  await openLife(context, job);
  const fenced = {
    name: "RecoverableError",
    message: /the transaction of "group-.*-a" was ended by its broker/,
  };
  await assert.rejects(first.life.commit(offsetAt(1), job.seat), fenced);
  await other.life.commit([], job.seat);
  assert.deepEqual(await valuesOf(job, job.sessions), ["1:of another"]);
  const third = await openLife(context, job);
  await openLife(context, job);
  // Of a partition that is not in its transaction yet, and of one that is.
  await assert.rejects(third.write(job.sessions, 0, "void"), fenced);
  const fifth = await openLife(context, job);
  await fifth.write(job.sessions, 0, "void");
  await openLife(context, job);
  await assert.rejects(fifth.write(job.sessions, 0, "void"), fenced);
});

test("Transactions: a name that another process has taken is the end", async (context) => {
  const job = await newJob(brokers, { instance: "pod-1" });
  const first = await openLife(context, job);
  await first.life.commit(offsetAt(1), job.seat);
  await first.write(job.sessions, 0, "void");
  const seat = await joinGroup(hand.broker, job.group, "pod-1");
  const taken = {
    name: "WorldError",
    message:
      `Cannot go on as "pod-1" in group "${job.group}": another process has ` +
      "taken that name; give each process an --instance of its own",
  };
  await assert.rejects(first.life.commit(offsetAt(2), job.seat), taken);
  // The same when the epoch is lost before it is known that the seat is.
  const second = await openLife(context, job);
  await second.life.commit(offsetAt(3), seat);
  await openLife(context, job);
  await joinGroup(hand.broker, job.group, "pod-1");
  await assert.rejects(second.write(job.sessions, 0, "void"), taken);
  assert.deepEqual(await valuesOf(job, job.sessions), []);
});

test("Transactions: a name that a member of the same process has taken is no end", async (context) => {
  const job = await newJob(brokers, { instance: "pod-1" });
  const ownSeat = new OwnSeat(job.seat);
  const { life } = await openLife(context, job, { ownSeat });
  await life.commit(offsetAt(1), job.seat);
  const seat = await joinGroup(hand.broker, job.group, "pod-1");
  // A member knows only a little later that the seat is its own.
  setTimeout(() => {
    ownSeat.now = seat;
  }, 500);
  await assert.rejects(life.commit(offsetAt(2), job.seat), {
    name: "RecoverableError",
    message: /has given its partitions out anew$/,
  });
});

test("Transactions: where the broker has failed, nobody knows what was done", () => {
  const refusal = {
    code: -1,
    doing: "commit",
    group: "g",
    transactionalId: "t",
  };
  const { name, message } = transactionFailure(refusal);
  assert.equal(name, "RecoverableError");
  assert.match(message, /^Cannot commit: .* not known whether it was done$/);
});

test("Transactions: a fence is no end where the seat is still held", async (context) => {
  const job = await newJob(brokers, { instance: "pod-1" });
  const { life, write } = await openLife(context, job);
  await life.commit(offsetAt(1), job.seat);
  await openLife(context, job);
  await assert.rejects(write(job.sessions, 0, "void"), {
    name: "RecoverableError",
  });
});

test("Transactions: a seat that was given up commits nothing", async (context) => {
  const job = await newJob(brokers);
  const { seat } = job;
  const stale = [
    { ...seat, generationId: seat.generationId - 1 },
    { ...seat, memberId: "somebody" },
    { ...seat, groupInstanceId: "somebody" },
  ];
  for (const each of stale) {
    const { life, write } = await openLife(context, job);
    await write(job.sessions, 0, "void");
    await assert.rejects(life.commit(offsetAt(1), each), {
      name: "RecoverableError",
      message:
        `Cannot commit offsets of group "${job.group}": ` +
        `group "${job.group}" has given its partitions out anew`,
    });
    await life.close();
  }
  assert.deepEqual(await valuesOf(job, job.sessions), []);
  const { life } = await openLife(context, job);
  const committed = await life.committed([0], NOBODY);
  assert.equal(committed.get(0)?.offset, null);
});

/** Leaves a transaction open that has an offset, as a kill does. */
async function leaveOpen(job: Job, offset: number) {
  const { group, seat, transactionalId, visits: topic } = job;
  const options = { transactionalId, timeoutMs: 60_000 };
  const init = () => initProducerId(hand.broker, options);
  let identity = await init();
  // The end of the one before takes a moment.
  await waitUntil(async () => {
    if (identity.errorCode !== 0) identity = await init();
    return identity.errorCode === 0;
  });
  const { producerId, producerEpoch } = identity;
  const owner = { transactionalId, producerId, producerEpoch };
  await waitUntil(async () => {
    const { errorCode } = await addOffsets(hand.broker, owner, group);
    return errorCode === 0;
  });
  const offsets = offsetAt(offset, "never");
  const commit = { owner, group, seat, topic, offsets };
  assert.equal((await commitOffsets(hand.broker, commit)).errorCode, 0);
  return owner;
}

test("Transactions: a new life ends the transaction that a kill left open", async (context) => {
  const job = await newJob(brokers);
  const first = await openLife(context, job);
  await first.life.commit(offsetAt(5, "five"), job.seat);
  await first.life.close();
  await leaveOpen(job, 6);
  const startMs = performance.now();
  const { life } = await openLife(context, job);
  const committed = await life.committed([0, 1], NOBODY);
  assert.deepEqual(committed.get(0), { offset: 5, metadata: "five" });
  assert.deepEqual(committed.get(1), { offset: null, metadata: "" });
  assert.ok(performance.now() - startMs < 1_000, "it waited for a timeout");
});

test("committed() ends the transaction of another life that is gone", async (context) => {
  const job = await newJob(brokers);
  const first = await openLife(context, job);
  await first.life.commit(offsetAt(5, job.transactionalId), job.seat);
  await first.life.close();
  const owner = await leaveOpen(job, 6);
  const transactionalId = `${job.group}-b`;
  const { life } = await openLife(context, { ...job, transactionalId });
  const startMs = performance.now();
  const committed = await life.committed([0], (metadata) => metadata);
  const forMs = performance.now() - startMs;
  assert.deepEqual(committed.get(0)?.offset, 5);
  // A living committer has a second.
  assert.ok(forMs >= 1_000 && forMs < 5_000, `it took ${forMs} ms`);
  const ended = await endTransaction(hand.broker, owner, "commit");
  assert.equal(ended.errorCode, 47);
});

test("committed() waits for a transaction that is about to end", async (context) => {
  const job = await newJob(brokers);
  const owner = await leaveOpen(job, 6);
  const transactionalId = `${job.group}-b`;
  const { life } = await openLife(context, { ...job, transactionalId });
  const committed = life.committed([0], NOBODY);
  await sleep(200);
  const ended = await endTransaction(hand.broker, owner, "commit");
  assert.equal(ended.errorCode, 0);
  assert.deepEqual((await committed).get(0), { offset: 6, metadata: "never" });
});
