import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Kafka, logLevel, type Producer, type Transaction } from "kafkajs";
import { readBounded } from "../../support/kafka_source_run.ts";
import { readWithKcat } from "../../support/kcat.ts";
import { testKafka } from "../../support/test_kafka.ts";

const { brokers, newTopic } = await testKafka();
const kafka = new Kafka({
  brokers: brokers.split(","),
  logLevel: logLevel.NOTHING,
  // A transaction begun right after another one meets its end.
  retry: { initialRetryTime: 10, retries: 20 },
});
const admin = kafka.admin();
before(() => admin.connect());
after(() => admin.disconnect());

/** A small seeded generator, so that a failure can be repeated. */
function randomizer(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function messages(prefix: string, count: number) {
  return Array.from({ length: count }, (_, index) => ({
    partition: index % 2,
    key: `${prefix}-${index}`,
    value: `${prefix} `.repeat(100),
  }));
}

async function transactionalProducer(id: string): Promise<Producer> {
  const producer = kafka.producer({
    transactionalId: id,
    maxInFlightRequests: 1,
    idempotent: true,
  });
  await producer.connect();
  return producer;
}

/**
 * Writes with several producers whose transactions overlap. One stays open
 * until the function that is returned is called.
 */
async function writeInterleaved(topic: string): Promise<() => Promise<void>> {
  const random = randomizer(7);
  const producers = await Promise.all(
    [0, 1, 2].map((index) => transactionalProducer(`${topic}-${index}`)),
  );
  const plain = kafka.producer();
  await plain.connect();
  const open: (Transaction | null)[] = producers.map(() => null);
  for (let step = 0; step < 150; step++) {
    const index = random(producers.length);
    const transaction = open[index] ?? (await producers[index]!.transaction());
    open[index] = transaction;
    const action = random(6);
    if (action === 0) await plain.send({ topic, messages: messages("p", 3) });
    const sent = messages(`${index}-${step}`, 2 + random(30));
    await transaction.send({ topic, messages: sent });
    if (action > 2) continue;
    if (action === 1) await transaction.abort();
    else await transaction.commit();
    open[index] = null;
  }
  // All but one end, so that the last stable offset is not the end.
  for (const transaction of open.slice(1)) await transaction?.abort();
  open[0] ??= await producers[0]!.transaction();
  const transaction = open[0];
  await transaction.send({ topic, messages: messages("open", 5) });
  await plain.send({ topic, messages: messages("behind", 5) });
  return async () => {
    await transaction.abort();
    for (const each of [plain, ...producers]) await each.disconnect();
  };
}

/** Deletes records up to `offset` in both partitions: reading starts there. */
async function startFrom(topic: string, offset: number): Promise<void> {
  const partitions = [0, 1].map((partition) => ({
    partition,
    offset: String(offset),
  }));
  await admin.deleteTopicRecords({ topic, partitions });
}

function shortened(records: readonly object[]): unknown[] {
  return (records as { partition: number; offset: number; key: string }[]).map(
    ({ partition, offset, key }) => `${partition} ${offset} ${key}`,
  );
}

test("KafkaSource reads exactly what kcat reads as committed, from any start", async () => {
  const topic = await newTopic("interleaved", { partitions: 2 });
  const finish = await writeInterleaved(topic);
  const ends = await admin.fetchTopicOffsets(topic);
  const end = Math.min(...ends.map(({ offset }) => Number(offset)));
  for (let start = 0; start < end; start += Math.ceil(end / 12)) {
    await startFrom(topic, start);
    const expected = shortened(await readWithKcat(brokers, topic)).sort();
    const actual = shortened(await readBounded(brokers, topic)).sort();
    assert.deepEqual(actual, expected);
    if (start === 0) assert.ok(actual.length > 100, "some are committed");
  }
  await finish();
});
