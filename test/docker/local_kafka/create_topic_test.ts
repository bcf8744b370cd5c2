import assert from "node:assert/strict";
import { test } from "node:test";
import { createTopics } from "../../../docker/local_kafka/create_topic.ts";
import { testClient } from "../../e2e/produce.ts";
import { testKafka } from "../../support/test_kafka.ts";

/** Partitions that keep a broker from hearing of what came after them. */
const BUSY_PARTITIONS = 60;

const { brokers, newTopic } = await testKafka();

test("createTopics() leaves nobody to take records for the topic that was deleted", async (context) => {
  const client = testClient(brokers);
  const admin = client.admin();
  const producer = client.producer();
  context.after(() => Promise.all([admin.disconnect(), producer.disconnect()]));
  await admin.connect();
  await producer.connect();
  const send = (topic: string) =>
    producer.send({ topic, messages: [{ value: "visit" }] });
  for (let round = 0; round < 5; round++) {
    const topic = await newTopic("anew", { partitions: 1 });
    await send(topic);
    const busy = { topic: `${topic}-busy`, numPartitions: BUSY_PARTITIONS };
    await admin.createTopics({ waitForLeaders: false, topics: [busy] });
    await admin.deleteTopics({ topics: [topic] });
    await createTopics(brokers, [{ name: topic, partitions: 1 }]);
    const [sent] = await send(topic);
    assert.equal(sent?.baseOffset, "0", `round ${round}: it is the new one`);
  }
});
