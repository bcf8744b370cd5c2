import assert from "node:assert/strict";
import { after, test } from "node:test";
import kafkajs from "kafkajs";
import { startKafka } from "../../docker/local_kafka/kafka_broker.ts";
import { prepareLogTopic } from "../../src/kafka/window_log_topic.ts";
import { kafkaClients } from "../support/kafka_clients.ts";
import { kafkaConfig } from "../support/kafka_config.ts";
import { TEST_BROKER } from "../support/test_kafka.ts";

// By default it asks for more replicas than it can make.
const kafka = await startKafka({
  ...TEST_BROKER,
  config: { "default.replication.factor": "3" },
});
after(() => kafka.stop());
const { admin } = kafkaClients(kafka.brokers);
const config = kafkaConfig(kafka.brokers);

const SESSIONS = { topic: "sessions", purpose: "write to" } as const;
const NOT_THERE = { topic: "not-there-yet", purpose: "read" } as const;

test("prepareLogTopic() makes a topic as safe as that of the sessions", async () => {
  const configEntries = [{ name: "min.insync.replicas", value: "2" }];
  await admin.createTopics({
    topics: [{ topic: "sessions", replicationFactor: 1, configEntries }],
  });
  const log = { topic: "windows", partitionCount: 2, like: SESSIONS };
  assert.equal((await prepareLogTopic(config, log)).partitionCount, 2);
  const { topics } = await admin.fetchTopicMetadata({ topics: ["windows"] });
  assert.deepEqual(
    topics[0]!.partitions.map(({ replicas }) => replicas.length),
    [1, 1],
  );
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [
      {
        type: kafkajs.ConfigResourceTypes.TOPIC,
        name: "windows",
        configNames: ["min.insync.replicas", "retention.ms"],
      },
    ],
  });
  const settings = resources[0]!.configEntries.map((each) => [
    each.configName,
    each.configValue,
  ]);
  assert.deepEqual(
    new Map(settings as [string, string][]),
    new Map([
      ["min.insync.replicas", "2"],
      ["retention.ms", "-1"],
    ]),
  );
});

test("prepareLogTopic() has the brokers' replication where sessions have no topic yet", async () => {
  const log = { topic: "others", partitionCount: 1, like: NOT_THERE };
  await assert.rejects(prepareLogTopic(config, log), {
    name: "WorldError",
    message: /^Cannot create topic "others": .*[Rr]eplication.factor/,
  });
});
