import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createKafka } from "../../src/kafka/client.ts";
import { isRetriable } from "../../src/kafka/client_trouble.ts";
import {
  OutgoingBatch,
  type ProducerIdentity,
  SequenceNumbers,
} from "../../src/kafka/outgoing_batch.ts";
import {
  createSendCluster,
  type ProduceAnswer,
  produce,
  type SendBroker,
} from "../../src/kafka/private/send_seam.ts";
import { decodeBatch } from "../support/decode_batches.ts";
import { kafkaConfig } from "../support/kafka_config.ts";
import { readWithKcat } from "../support/kcat.ts";
import { openSender } from "../support/open_sender.ts";
import { recordBatchOf } from "../support/record_batch_of.ts";
import { testKafka } from "../support/test_kafka.ts";

/** The kind of coordinator that transactions have. */
const TRANSACTION = 1;
const SEQUENCE_MAX = 2 ** 31 - 1;
const OUTPUT = { things: "sessions", maxRecordBytes: 1_000_000 };

/** kafkajs' transactional requests, which no product code sends yet. */
interface TransactionBroker extends SendBroker {
  initProducerId(options: {
    transactionTimeout: number;
    transactionalId?: string;
  }): Promise<{ producerId: string; producerEpoch: number }>;
  findGroupCoordinator(options: object): Promise<unknown>;
  addPartitionsToTxn(options: object): Promise<void>;
  endTxn(options: object): Promise<void>;
}

/** A broker to talk to by hand, as a sender does, and a new topic. */
async function connectedBroker(context: TestContext) {
  const { brokers, newTopic } = await testKafka();
  const topic = await newTopic("sessions", { partitions: 1 });
  const pool = createSendCluster(createKafka(kafkaConfig(brokers))).brokerPool;
  context.after(() => pool.disconnect());
  await pool.connect();
  const found = await pool.findConnectedBroker();
  const broker = found as unknown as TransactionBroker;
  const send = async (
    batch: OutgoingBatch,
    identity: ProducerIdentity,
    transactionalId: string | null = null,
  ): Promise<ProduceAnswer> => {
    batch.stamp(identity, Date.now());
    const [answer, ...others] = await produce(broker, {
      transactionalId,
      timeoutMs: 5_000,
      topics: [{ topic, batches: [batch] }],
    });
    assert.deepEqual(others, []);
    assert.equal(answer!.errorCode, 0);
    return answer!;
  };
  const read = async () =>
    (await readWithKcat(brokers, topic)).map(({ value }) => value);
  return { topic, broker, send, read };
}

async function newIdentity(
  broker: TransactionBroker,
  transactionalId?: string,
): Promise<ProducerIdentity> {
  if (transactionalId !== undefined) {
    const which = { groupId: transactionalId, coordinatorType: TRANSACTION };
    await retried(() => broker.findGroupCoordinator(which));
  }
  const { producerId, producerEpoch } = await retried(() =>
    broker.initProducerId({
      transactionTimeout: 60_000,
      ...(transactionalId === undefined ? {} : { transactionalId }),
    }),
  );
  const transactional = transactionalId !== undefined;
  return { producerId: BigInt(producerId), producerEpoch, transactional };
}

/** A new broker's coordinators, and the end of a transaction, take a moment. */
async function retried<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!isRetriable(error) && !isBusy(error)) throw error;
      if (attempt > 100) throw error;
      await sleep(50);
    }
  }
}

function isBusy(error: unknown): boolean {
  return (error as { type?: string }).type === "CONCURRENT_TRANSACTIONS";
}

test("produce(): a batch that is sent again is not written again", async (context) => {
  const { broker, send, read } = await connectedBroker(context);
  const identity = await newIdentity(broker);
  const sequences = new SequenceNumbers();
  const batchOf = (values: string[]) =>
    new OutgoingBatch(recordBatchOf(values), { partition: 0, sequences });
  const batch = batchOf(["a", "b"]);
  await send(batch, identity);
  // As when the acknowledgement had been lost.
  const again = await send(batch, identity);
  assert.equal(again.baseOffset, 0);
  const next = await send(batchOf(["c"]), identity);
  assert.equal(next.baseOffset, 2);
  assert.deepEqual(await read(), ["a", "b", "c"]);
});

test("produce(): sequence numbers go on at 0 behind the largest", async (context) => {
  const { broker, send, read } = await connectedBroker(context);
  const identity = await newIdentity(broker);
  const sequences = new SequenceNumbers();
  sequences.take(identity, 0, SEQUENCE_MAX - 2);
  const batches = [["a", "b"], ["c", "d", "e"], ["f"]].map(
    (values) =>
      new OutgoingBatch(recordBatchOf(values), { partition: 0, sequences }),
  );
  for (const batch of batches) await send(batch, identity);
  const bases = batches.map(({ bytes }) => bytes.readInt32BE(53));
  assert.deepEqual(bases, [SEQUENCE_MAX - 2, SEQUENCE_MAX, 2]);
  assert.deepEqual(await read(), ["a", "b", "c", "d", "e", "f"]);
});

test("produce(): batches travel in transactions", async (context) => {
  const { topic, broker, send, read } = await connectedBroker(context);
  const transactionalId = topic;
  const identity = await newIdentity(broker, transactionalId);
  const { producerEpoch } = identity;
  const producer = {
    transactionalId,
    producerId: String(identity.producerId),
    producerEpoch,
  };
  const sequences = new SequenceNumbers();
  for (const [transactionResult, values] of [
    [true, ["a", "b"]],
    [false, ["not this"]],
    [true, ["c"]],
  ] as const) {
    const topics = [{ topic, partitions: [0] }];
    await retried(() => broker.addPartitionsToTxn({ ...producer, topics }));
    const bytes = recordBatchOf(values);
    const batch = new OutgoingBatch(bytes, { partition: 0, sequences });
    await send(batch, identity, transactionalId);
    await broker.endTxn({ ...producer, transactionResult });
    assert.ok((await decodeBatch(bytes)).inTransaction);
  }
  assert.deepEqual(await read(), ["a", "b", "c"]);
});

test("Sender: several topics travel together, each in its order", async () => {
  const { brokers, newTopic } = await testKafka();
  const sender = await openSender(kafkaConfig(brokers));
  const topics = await Promise.all(
    ["sessions", "late", "dead"].map((name) =>
      newTopic(name, { partitions: 2 }),
    ),
  );
  const writers = topics.map((topic) =>
    sender.writer({ topic, partitionCount: 2, ...OUTPUT }),
  );
  const writes: Promise<void>[] = [];
  for (let n = 0; n < 200; n++) {
    for (const writer of writers) {
      const bytes = recordBatchOf([`${n}`]);
      writes.push(writer.write([{ partition: n % 2, bytes }]));
    }
  }
  await Promise.all(writes);
  await sender.close();
  for (const topic of topics) {
    const records = await readWithKcat(brokers, topic);
    for (const partition of [0, 1]) {
      const values = records
        .filter((record) => record.partition === partition)
        .map(({ value }) => Number(value));
      const expected = Array.from({ length: 100 }, (_, i) => 2 * i + partition);
      assert.deepEqual(values, expected);
    }
  }
});

test("Sender: two outputs in one topic write it in one order", async () => {
  const { brokers, newTopic } = await testKafka();
  const sender = await openSender(kafkaConfig(brokers));
  const topic = await newTopic("side", { partitions: 1 });
  const [late, dead] = ["late visits", "dead letters"].map((things) =>
    sender.writer({ topic, partitionCount: 1, maxRecordBytes: 1e6, things }),
  );
  const writes: Promise<void>[] = [];
  for (let n = 0; n < 100; n++) {
    const writer = n % 3 === 0 ? late! : dead!;
    const bytes = recordBatchOf([`${n}`]);
    writes.push(writer.write([{ partition: 0, bytes }]));
  }
  await Promise.all(writes);
  await sender.close();
  const values = (await readWithKcat(brokers, topic)).map((each) => each.value);
  assert.deepEqual(
    values,
    Array.from({ length: 100 }, (_, n) => `${n}`),
  );
});

test("Sender: a topic that is made anew is not written on without a word", async (context) => {
  const { brokers, newTopic, createTopic } = await testKafka();
  const kafka = kafkaConfig(brokers);
  const topic = await newTopic("sessions", { partitions: 1 });
  const sender = await openSender(kafka);
  context.after(() => sender.close());
  // The window log is no topic to begin again with.
  const whenAnew = "start anew with: reset";
  const writer = sender.writer({
    ...{ topic, partitionCount: 1, whenAnew },
    ...OUTPUT,
  });
  const write = (...values: string[]) =>
    writer.write([{ partition: 0, bytes: recordBatchOf(values) }]);
  await write("a", "b");
  const admin = createKafka(kafka).admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [topic] });
  await createTopic(topic, { partitions: 1 });
  await admin.disconnect();
  await assert.rejects(write("c"), {
    name: "WorldError",
    message: new RegExp(
      `^Cannot write to topic "${topic}": (it was deleted and created anew|` +
        "partition 0 went on at offset 0, although it had been written up to 2).*" +
        `; ${whenAnew}`,
    ),
  });
  await assert.rejects(write("d"), { name: "WorldError" });
});
