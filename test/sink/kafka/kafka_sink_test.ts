import assert from "node:assert/strict";
import { test } from "node:test";
import type { KafkaConfig } from "../../../src/config/config.ts";
import { prepareOutputTopic } from "../../../src/kafka/topics.ts";
import { murmur2, partitionOf } from "../../../src/record/partitioner.ts";
import { KafkaSink } from "../../../src/sink/kafka/kafka_sink.ts";
import { kafkaConfig } from "../../support/kafka_config.ts";
import { readWithKcat } from "../../support/kcat.ts";
import { openSender } from "../../support/open_sender.ts";
import {
  expectedNumbers,
  numbersByKey,
  SessionFeed,
} from "../../support/session_feed.ts";
import { type TestKafka, testKafka } from "../../support/test_kafka.ts";

const KEY_COUNT = 7;

/** An open sink on a new topic, and sessions to write to it. */
async function openSink(
  { brokers, newTopic }: TestKafka,
  config: Record<string, string> = {},
) {
  const topic = await newTopic("sessions", { partitions: 3, config });
  const kafka: KafkaConfig = kafkaConfig(brokers);
  const options = { topic, partitionCount: 1 };
  const output = await prepareOutputTopic(kafka, options);
  const sender = await openSender(kafka);
  const sink = new KafkaSink(sender, { topic, ...output });
  await sink.open();
  const feed = new SessionFeed({ ...output, keyCount: KEY_COUNT });
  return { topic, sink, sender, feed, output };
}

test("KafkaSink writes sessions that kcat reads, headers and all", async () => {
  const kafka = await testKafka();
  const { topic, sink, sender, feed } = await openSink(kafka);
  await sink.write(feed.next(100));
  await sink.close();
  await sender.close();
  const records = await readWithKcat(kafka.brokers, topic);
  assert.deepEqual(numbersByKey(records), expectedNumbers(100, KEY_COUNT));
  const { key, value, headers } = records[0]!;
  assert.match(value, /^\{"n": \d+, "x": ""\}$/);
  assert.deepEqual(headers, [
    `session-id=0-${JSON.parse(value).n}`,
    "revision=0",
    "final=false",
    "close-reason=gap",
  ]);
  for (const record of records) {
    const bytes = Buffer.from(record.key);
    const hash = murmur2(bytes, 0, bytes.length);
    assert.equal(record.partition, partitionOf(hash, 3), key);
  }
});

test("KafkaSink resolves a write only when the broker has it", async () => {
  const kafka = await testKafka();
  const { topic, sink, sender, feed } = await openSink(kafka);
  for (let round = 1; round <= 3; round++) {
    await sink.write(feed.next(10));
    const records = await readWithKcat(kafka.brokers, topic);
    assert.equal(records.length, 10 * round);
  }
  await sink.close();
  await sender.close();
});

test("KafkaSink merges what waits and keeps its order", async () => {
  const kafka = await testKafka();
  const { topic, sink, sender, feed } = await openSink(kafka);
  const writes: Promise<void>[] = [];
  for (let i = 0; i < 1500; i++) writes.push(sink.write(feed.next(3, i % 50)));
  // Large ones among the small: those go as they are.
  for (let i = 0; i < 30; i++) {
    writes.push(sink.write(feed.next(40, 10_000)));
    writes.push(sink.write(feed.next(1)));
  }
  await Promise.all(writes);
  await sink.close();
  await sender.close();
  const records = await readWithKcat(kafka.brokers, topic);
  const expected = expectedNumbers(feed.made, KEY_COUNT);
  assert.deepEqual(numbersByKey(records), expected);
  const offsets = [0, 1, 2].map((wanted) =>
    records
      .filter(({ partition }) => partition === wanted)
      .map(({ offset }) => offset),
  );
  // Every partition is without a hole: no batch came with a wrong count.
  for (const each of offsets) assert.deepEqual(each, [...each.keys()]);
});

test("KafkaSink close() waits for what was written", async () => {
  const kafka = await testKafka();
  const { topic, sink, sender, feed } = await openSink(kafka);
  const write = sink.write(feed.next(5000, 200));
  await sink.close();
  await sender.close();
  await write;
  const records = await readWithKcat(kafka.brokers, topic);
  assert.equal(records.length, 5000);
});

test("KafkaSink leaves out only what exceeds the topic's limit", async () => {
  const kafka = await testKafka();
  const config = { "max.message.bytes": "50000" };
  const { topic, sink, sender, feed, output } = await openSink(kafka, config);
  assert.equal(output.maxRecordBytes, 50_000);
  // From clearly below the limit to clearly above it, byte by byte.
  for (let length = 49_700; length < 50_000; length++) {
    await sink.write(feed.next(1, length));
  }
  const oversized = feed.encoder.takeOversized();
  await sink.close();
  await sender.close();
  const records = await readWithKcat(kafka.brokers, topic);
  assert.equal(records.length + oversized.length, 300);
  assert.ok(records.length > 50 && oversized.length > 50);
});

test("KafkaSink takes what a topic with a larger limit takes", async () => {
  const kafka = await testKafka();
  const config = { "max.message.bytes": "20000000" };
  const { topic, sink, sender, feed } = await openSink(kafka, config);
  await sink.write(feed.next(2, 7_000_000));
  await sink.close();
  await sender.close();
  const records = await readWithKcat(kafka.brokers, topic);
  assert.equal(records.length, 2);
  assert.ok(records.every(({ value }) => value.length > 7_000_000));
});

test("KafkaSink fails for good when the broker refuses a batch", async () => {
  const kafka = await testKafka();
  const { topic, brokers } = {
    topic: await kafka.newTopic("small", {
      partitions: 1,
      config: { "max.message.bytes": "2000" },
    }),
    brokers: kafkaConfig(kafka.brokers),
  };
  // As if the limit had been lowered after the start.
  const output = { partitionCount: 1, maxRecordBytes: 1_000_000 };
  const sender = await openSender(brokers);
  const sink = new KafkaSink(sender, { topic, ...output });
  await sink.open();
  const feed = new SessionFeed({ ...output, keyCount: KEY_COUNT });
  await sink.write(feed.next(1));
  const expected = {
    name: "WorldError",
    message: new RegExp(`^Cannot write to topic "${topic}": .*larger than`),
  };
  const refused = sink.write(feed.next(1, 5000));
  const behind = sink.write(feed.next(1));
  await assert.rejects(refused, expected);
  await assert.rejects(behind, expected);
  await assert.rejects(sink.write(feed.next(1)), expected);
  await sink.close();
  await sender.close();
  const records = await readWithKcat(kafka.brokers, topic);
  assert.equal(records.length, 1);
});
