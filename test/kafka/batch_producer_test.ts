import assert from "node:assert/strict";
import { test } from "node:test";
import type { Message } from "kafkajs";
import { BatchProducer } from "../../src/kafka/batch_producer.ts";
import { createKafka } from "../../src/kafka/client.ts";
import {
  EncodedMessages,
  OutgoingBatch,
  SequenceNumbers,
} from "../../src/kafka/outgoing_batch.ts";
import { RecordBatchWriter } from "../../src/record/record_batch_writer.ts";
import { decodeBatch } from "../support/decode_batches.ts";
import { kafkaConfig } from "../support/kafka_config.ts";
import { readWithKcat } from "../support/kcat.ts";
import { testKafka } from "../support/test_kafka.ts";

const NO_HEADERS = Buffer.from([0]);
const SEQUENCE_MAX = 2 ** 31 - 1;

function batchOf(values: readonly string[]): Buffer {
  const writer = new RecordBatchWriter(1_000_000);
  for (const text of values) {
    const value = Buffer.from(text);
    writer.add({
      key: value,
      keyStart: 0,
      keyLength: -1,
      value,
      valueStart: 0,
      valueLength: value.length,
      headers: NO_HEADERS,
      headersLength: 1,
    });
  }
  return writer.take()[0]!.bytes;
}

async function connectedProducer(partitions: number) {
  const { brokers, newTopic } = await testKafka();
  const topic = await newTopic("sessions", { partitions });
  const producer = new BatchProducer(kafkaConfig(brokers), topic);
  await producer.connect();
  const read = () => readWithKcat(brokers, topic);
  return { producer, read };
}

test("BatchProducer: a batch that is sent again is not written again", async () => {
  const { producer, read } = await connectedProducer(1);
  const batch = producer.outgoing(batchOf(["a", "b"]), 0);
  await producer.send([batch]);
  assert.ok(batch.acknowledged);
  // As when the acknowledgement had been lost.
  batch.acknowledged = false;
  await producer.send([batch]);
  await producer.send([producer.outgoing(batchOf(["c"]), 0)]);
  await producer.disconnect();
  const values = (await read()).map(({ value }) => value);
  assert.deepEqual(values, ["a", "b", "c"]);
});

test("BatchProducer: sequence numbers go on at 0 behind the largest", async () => {
  const { producer, read } = await connectedProducer(2);
  const first = producer.outgoing(batchOf(["first"]), 0);
  await producer.send([first]);
  const { producerId, producerEpoch } = await decodeBatch(first.bytes);
  const identity = {
    producerId: BigInt(producerId),
    producerEpoch,
    transactional: false,
  };
  const sequences = new SequenceNumbers();
  sequences.take(identity, 1, SEQUENCE_MAX - 2);
  const batches = [["a", "b"], ["c", "d", "e"], ["f"]].map(
    (values) => new OutgoingBatch(batchOf(values), { partition: 1, sequences }),
  );
  for (const batch of batches) await producer.send([batch]);
  await producer.disconnect();
  const bases = batches.map(({ bytes }) => bytes.readInt32BE(53));
  assert.deepEqual(bases, [SEQUENCE_MAX - 2, SEQUENCE_MAX, 2]);
  const records = (await read()).filter(({ partition }) => partition === 1);
  const values = records.map(({ value }) => value);
  assert.deepEqual(values, ["a", "b", "c", "d", "e", "f"]);
});

test("EncodedMessages travel in kafkajs' transactions", async () => {
  const { brokers, newTopic } = await testKafka();
  const topic = await newTopic("sessions", { partitions: 1 });
  const producer = createKafka(kafkaConfig(brokers)).producer({
    idempotent: true,
    transactionalId: topic,
    createPartitioner: () => () => 0,
  });
  await producer.connect();
  const sequences = new SequenceNumbers();
  for (const [ending, values] of [
    ["commit", ["a", "b"]],
    ["abort", ["not this"]],
    ["commit", ["c"]],
  ] as const) {
    const bytes = batchOf(values);
    const batch = new OutgoingBatch(bytes, { partition: 0, sequences });
    const messages = new EncodedMessages([batch]) as unknown as Message[];
    const transaction = await producer.transaction();
    await transaction.sendBatch({ topicMessages: [{ topic, messages }] });
    await transaction[ending]();
    assert.ok((await decodeBatch(bytes)).inTransaction);
  }
  await producer.disconnect();
  const values = (await readWithKcat(brokers, topic)).map((each) => each.value);
  assert.deepEqual(values, ["a", "b", "c"]);
});
