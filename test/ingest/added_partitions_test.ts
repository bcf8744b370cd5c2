import assert from "node:assert/strict";
import { test } from "node:test";
import { VisitsTopic } from "../../src/ingest/visits_topic.ts";
import type { RecordParts } from "../../src/record/record_batch_writer.ts";
import { kafkaClients } from "../support/kafka_clients.ts";
import { kafkaConfig } from "../support/kafka_config.ts";
import { testKafka } from "../support/test_kafka.ts";
import { waitUntil } from "../support/wait_until.ts";

const { brokers, newTopic } = await testKafka();
const { admin } = kafkaClients(brokers);

/** Nobody who waits for records. */
const OWNER = { partitionsLeft: 0, acknowledged() {}, failed() {} };

function record(text: string): RecordParts {
  const bytes = Buffer.from(text);
  const part = { keyStart: 0, keyLength: bytes.length };
  return {
    ...{ ...part, key: bytes, value: bytes },
    ...{ valueStart: 0, valueLength: bytes.length },
    ...{ headers: Buffer.of(0), headersLength: 1 },
  };
}

test("VisitsTopic writes to partitions that are added while it runs", async () => {
  const topic = await newTopic("visits", { partitions: 1 });
  const news: string[] = [];
  const visits = new VisitsTopic({
    kafka: kafkaConfig(brokers),
    topic,
    warn: (text) => news.push(text),
    onProduced: () => {},
  });
  await visits.open();
  await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] });
  await waitUntil(() => news.length > 0);
  assert.deepEqual(news, [
    `Topic "${topic}" has 3 partitions now, and visits go to all of them`,
  ]);
  for (let id = 0; id < 60; id++) visits.add(record(`v${id}`), OWNER);
  await visits.close();
  const ends = await admin.fetchTopicOffsets(topic);
  const counts = ends.map(({ offset }) => Number(offset));
  assert.equal(
    counts.reduce((sum, count) => sum + count),
    60,
  );
  assert.ok(Math.min(...counts) > 0, String(counts));
});
