import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startKafka } from "../../docker/local_kafka/kafka_broker.ts";
import { testClient } from "../e2e/produce.ts";
import { bentAnswers } from "../support/bent_answers.ts";
import { cutSockets } from "../support/cut_sockets.ts";
import { TEST_BROKER } from "../support/test_kafka.ts";
import {
  NOBODY,
  newJob,
  newLife,
  offsetAt,
  openLife,
  valuesOf,
} from "../support/transaction_life.ts";
import { waitUntil } from "../support/wait_until.ts";

const kafka = await startKafka({
  ...TEST_BROKER,
  config: {
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": "200",
  },
});
after(() => kafka.stop());
const { brokers } = kafka;

test("Transactions: one that takes too long is void, and says so", async (context) => {
  const job = await newJob(brokers);
  const { life, write } = await openLife(context, job, { timeoutMs: 300 });
  await write(job.sessions, 0, "void");
  await sleep(1_500);
  await assert.rejects(life.commit(offsetAt(1), job.seat), {
    name: "RecoverableError",
    message: /was ended by its broker, after --transaction-timeout or for/,
  });
  assert.deepEqual(await valuesOf(job, job.sessions), []);
});

const API_KEYS = {
  addPartitions: 24,
  addOffsets: 25,
  endTransaction: 26,
  commitOffsets: 28,
};

for (const loses of ["request", "answer"] as const) {
  test(`Transactions: a lost ${loses} of EndTxn is found out by the next life`, async (context) => {
    const job = await newJob(brokers);
    let isArmed = false;
    const { life, write } = await openLife(context, job, {
      socketFactory: cutSockets({
        apiKey: API_KEYS.endTransaction,
        loses,
        isArmed: () => isArmed,
      }),
    });
    await write(job.sessions, 0, "a");
    await life.commit(offsetAt(1), job.seat);
    isArmed = true;
    await write(job.sessions, 0, "b");
    await assert.rejects(life.commit(offsetAt(2), job.seat), {
      name: "RecoverableError",
      message: /^Cannot commit: .*so that it is not known whether it was done$/,
    });
    const next = await openLife(context, job);
    const committed = await next.life.committed([0], NOBODY);
    const isDone = loses === "answer";
    assert.equal(committed.get(0)?.offset, isDone ? 2 : 1);
    const values = isDone ? ["0:a", "0:b"] : ["0:a"];
    assert.deepEqual(await valuesOf(job, job.sessions), values);
  });

  test(`Transactions: a lost ${loses} of TxnOffsetCommit is not made up for`, async (context) => {
    const job = await newJob(brokers);
    const { life } = await openLife(context, job, {
      socketFactory: cutSockets({
        apiKey: API_KEYS.commitOffsets,
        loses,
        isArmed: () => true,
      }),
    });
    await assert.rejects(life.commit(offsetAt(2), job.seat), {
      name: "RecoverableError",
    });
    const next = await openLife(context, job);
    const committed = await next.life.committed([0], NOBODY);
    assert.equal(committed.get(0)?.offset, null);
  });

  for (const name of ["addPartitions", "addOffsets"] as const) {
    test(`Transactions: a lost ${loses} of ${name} is made up for`, async (context) => {
      const job = await newJob(brokers);
      const { life, write } = await openLife(context, job, {
        socketFactory: cutSockets({
          apiKey: API_KEYS[name],
          loses,
          isArmed: () => true,
        }),
      });
      await write(job.sessions, 0, "a");
      await life.commit(offsetAt(1), job.seat);
      assert.deepEqual(await valuesOf(job, job.sessions), ["0:a"]);
    });
  }
}

/** A broker says so of a batch when another one's topic has just gone. */
const NOT_ATTEMPTED = 55;

test("Transactions: what is refused for another's topic alone is tried again", async (context) => {
  const job = await newJob(brokers);
  const warnings: string[] = [];
  const { life, write } = await openLife(context, job, {
    socketFactory: bentAnswers({
      ...{ errorCode: NOT_ATTEMPTED, topicPrefix: "sessions-", times: 3 },
    }),
    warn: (text) => warnings.push(text),
  });
  await write(job.sessions, 0, "a");
  await life.commit(offsetAt(1), job.seat);
  assert.deepEqual(await valuesOf(job, job.sessions), ["0:a"]);
  // The other topic has its own trouble to tell of.
  assert.deepEqual(warnings, []);
});

test("Transactions: a stop names the topic that is away, not what was refused for it", async (context) => {
  const job = await newJob(brokers);
  const { life, write, writerOf } = await openLife(context, job, {
    socketFactory: bentAnswers({
      ...{ errorCode: NOT_ATTEMPTED, topicPrefix: "sessions-", times: 1e9 },
    }),
  });
  const admin = testClient(brokers).admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [job.log] });
  await admin.disconnect();
  const writes = Promise.allSettled([
    write(job.sessions, 0, "a"),
    write(job.log, 0, "delta"),
  ]);
  const writers = [job.sessions, job.log].map(writerOf);
  await waitUntil(() => writers.every(({ trouble }) => trouble !== null));
  life.stopSoon();
  for (const write of await writes) {
    const { reason } = write as PromiseRejectedResult;
    assert.match(
      String(reason),
      /^WorldError: Cannot stop in good order: .*: This server does not host/,
    );
  }
});

test("Transactions: a stop does not wait long for what is refused", async (context) => {
  const job = await newJob(brokers);
  const { life } = await openLife(context, job);
  const admin = testClient(brokers).admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [job.visits] });
  await admin.disconnect();
  const committing = life.commit(offsetAt(1), job.seat);
  life.stopSoon();
  const stoppedAtMs = performance.now();
  await assert.rejects(committing, {
    name: "RecoverableError",
    message:
      `Cannot commit offsets of group "${job.group}": topic "${job.visits}": ` +
      "This server does not host this topic-partition",
  });
  assert.ok(performance.now() - stoppedAtMs < 8_000);
});

test("Transactions: a broker's restart is waited for", async (context) => {
  const job = await newJob(brokers);
  const { life, write } = await openLife(context, job);
  await write(job.sessions, 0, "a");
  await life.commit(offsetAt(1), job.seat);
  let isBack = false;
  const waiting = newLife(context, job, { waits: true });
  const opened = Promise.withResolvers<void>();
  await kafka.restart({
    kill: true,
    async meanwhile() {
      waiting.life.open().then(() => {
        assert.ok(isBack);
        opened.resolve();
      }, opened.reject);
      await sleep(1_000);
      isBack = true;
    },
  });
  await opened.promise;
  const committed = await waiting.life.committed([0], NOBODY);
  assert.equal(committed.get(0)?.offset, 1);
  await waiting.write(job.sessions, 0, "b");
  await waiting.life.commit(offsetAt(2), job.seat);
  assert.deepEqual(await valuesOf(job, job.sessions), ["0:a", "0:b"]);
});
