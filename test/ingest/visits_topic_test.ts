import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { VisitsTopic } from "../../src/ingest/visits_topic.ts";
import { kafkaConfig } from "../support/kafka_config.ts";
import { testKafka } from "../support/test_kafka.ts";
import { waitUntil } from "../support/wait_until.ts";

const { brokers, newTopic } = await testKafka();

function openSockets(): number {
  const names = process.getActiveResourcesInfo();
  return names.filter((name) => name === "TCPSocketWrap").length;
}

test("VisitsTopic leaves no connection when it is closed while it connects", async () => {
  const topic = await newTopic("visits", { partitions: 1 });
  // That of the client that made the topic goes soon.
  await waitUntil(() => openSockets() === 0);
  const visits = new VisitsTopic({
    kafka: kafkaConfig(brokers),
    topic,
    warn: () => {},
    onProduced: () => {},
  });
  const opening = visits.open();
  // In the turn in which the first one is there: much is to be asked behind it.
  while (openSockets() === 0) await nextTurn();
  await visits.close();
  await opening;
  await waitUntil(() => openSockets() === 0);
  assert.notEqual(visits.trouble, null);
});
