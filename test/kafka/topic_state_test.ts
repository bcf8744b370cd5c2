import assert from "node:assert/strict";
import { test } from "node:test";
import { createKafka } from "../../src/kafka/client.ts";
import { FieldReader, FieldWriter } from "../../src/kafka/fields.ts";
import { createFetchCluster } from "../../src/kafka/private/fetch_seam.ts";
import {
  encodeMetadataRequest,
  readMetadataResponse,
  readTopicState,
} from "../../src/kafka/private/topic_seam.ts";
import { kafkaClients } from "../support/kafka_clients.ts";
import { kafkaConfig } from "../support/kafka_config.ts";
import { testKafka } from "../support/test_kafka.ts";

const kafka = await testKafka();
const { admin } = kafkaClients(kafka.brokers);

async function connectedCluster(t: { after(fn: () => Promise<void>): void }) {
  const cluster = createFetchCluster(createKafka(kafkaConfig(kafka.brokers)));
  t.after(() => cluster.disconnect());
  await cluster.connect();
  await cluster.refreshMetadata();
  return cluster;
}

test("FieldReader reads what FieldWriter has written", () => {
  const id = "AbCdEfGhIjKlMnOpQrStUg";
  const numbers = [0, 127, 128, 16_383, 16_384, 2 ** 31, 2 ** 40];
  const writer = new FieldWriter()
    .int8(-1)
    .int32(-7)
    .int64(2 ** 50 + 1);
  for (const each of numbers) writer.uvarint(each);
  writer.compactString("Übergröße").topicId(id).topicId(null).noTags();
  const { buffer } = writer.encoded();
  const reader = new FieldReader(buffer, 2);
  assert.equal(reader.int32(), -7);
  assert.equal(reader.int64(), 2 ** 50 + 1);
  assert.deepEqual(
    numbers.map(() => reader.uvarint()),
    numbers,
  );
  assert.equal(reader.compactString(), "Übergröße");
  assert.equal(reader.topicId(), id);
  assert.equal(reader.topicId(), null);
  reader.skipTags();
  assert.equal(reader.at, buffer.length);
});

test("readTopicState() tells a topic from another one of its name", async (t) => {
  const cluster = await connectedCluster(t);
  const topic = await kafka.newTopic("identity", { partitions: 2 });
  const first = await readTopicState(cluster, topic);
  assert.match(first.id ?? "", /^[\w-]{22}$/);
  assert.equal(first.partitionCount, 2);
  assert.equal(first.mayWrite, true);
  assert.deepEqual(await readTopicState(cluster, topic), first);
  await admin.deleteTopics({ topics: [topic] });
  assert.deepEqual(await readTopicState(cluster, topic), {
    exists: false,
    id: null,
    partitionCount: null,
    mayWrite: null,
  });
  await kafka.createTopic(topic, { partitions: 2 });
  const second = await readTopicState(cluster, topic);
  assert.equal(second.exists, true);
  assert.notEqual(second.id, first.id);
});

test("encodeMetadataRequest() is understood in each of its versions", async (t) => {
  const cluster = await connectedCluster(t);
  const topic = await kafka.newTopic("versions", { partitions: 1 });
  const [nodeId] = cluster.getNodeIds();
  const broker = await cluster.findBroker({ nodeId: nodeId! });
  const connection = await broker.connectionPool.getConnection(0);
  const answers: unknown[] = [];
  for (const apiVersion of [10, 11, 12]) {
    const answer = await connection.send({
      request: {
        apiKey: 3,
        apiVersion,
        apiName: "Metadata",
        encode: async () => encodeMetadataRequest(topic, apiVersion),
      },
      response: {
        decode: async (payload: Buffer) => readMetadataResponse(payload),
        parse: async (decoded: { state: unknown }) => decoded.state,
      },
    });
    answers.push(answer);
  }
  const expected = await readTopicState(cluster, topic);
  assert.deepEqual(answers, [expected, expected, expected]);
});
