import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, test } from "node:test";
import kafkajs from "kafkajs";
import { createKafka } from "../../src/kafka/client.ts";
import { createSendCluster } from "../../src/kafka/private/send_seam.ts";
import {
  deleteRecords,
  prepareLogTopic,
  readLogBounds,
} from "../../src/kafka/window_log_topic.ts";
import { kafkaClients } from "../support/kafka_clients.ts";
import { kafkaConfig } from "../support/kafka_config.ts";
import { readWithKcat } from "../support/kcat.ts";
import { testKafka } from "../support/test_kafka.ts";
import { newJob, openLife } from "../support/transaction_life.ts";
import { waitUntil } from "../support/wait_until.ts";

const { brokers, newTopic } = await testKafka();
const config = kafkaConfig(brokers);
const { admin, producer } = kafkaClients(brokers);
const cluster = createSendCluster(createKafka(config, { retries: 0 }));
after(() => cluster.disconnect());

const NONE = { topic: "none", purpose: "write to" } as const;

test("prepareLogTopic() makes a topic of which Kafka drops nothing", async () => {
  const topic = `windows-${randomUUID()}`;
  const options = { topic, partitionCount: 3, like: NONE };
  // Two processes of one job may come to it at the same time.
  const prepared = await Promise.all([
    prepareLogTopic(config, options),
    prepareLogTopic(config, options),
  ]);
  const expected = { partitionCount: 3, maxRecordBytes: 1_048_588 };
  assert.deepEqual(prepared, [expected, expected]);
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic }],
  });
  const settings = Object.fromEntries(
    resources[0]!.configEntries.map((each) => [
      each.configName,
      each.configValue,
    ]),
  );
  assert.equal(settings["cleanup.policy"], "delete");
  assert.equal(settings["retention.ms"], "-1");
  assert.equal(settings["retention.bytes"], "-1");
  assert.equal(settings["segment.bytes"], "67108864");
});

test("prepareLogTopic() grows with the input, and never shrinks", async () => {
  const topic = `windows-${randomUUID()}`;
  for (const [wanted, had] of [
    [1, 1],
    [4, 4],
    [2, 4],
  ] as const) {
    const options = { topic, partitionCount: wanted, like: NONE };
    const prepared = await Promise.all([
      prepareLogTopic(config, options),
      prepareLogTopic(config, options),
    ]);
    for (const each of prepared) assert.equal(each.partitionCount, had);
  }
});

const WRONG: readonly (readonly [string, string, RegExp])[] = [
  ["cleanup.policy", "compact", /its cleanup\.policy is "compact".*"delete"$/],
  ["retention.ms", "604800000", /its retention\.ms is "604800000".*"-1"$/],
  ["max.message.bytes", "1000000", /is 1000000; set it to 1048576 or more$/],
];
for (const [name, value, message] of WRONG) {
  test(`prepareLogTopic() refuses a topic with ${name}=${value}`, async () => {
    const topic = await newTopic("windows", {
      partitions: 1,
      config: { [name]: value },
    });
    const options = {
      topic,
      partitionCount: 1,
      like: { topic, purpose: "read" } as const,
    };
    const preparing = prepareLogTopic(config, options);
    await assert.rejects(preparing, { name: "WorldError", message });
  });
}

test("readLogBounds() ends before an open transaction", async (context) => {
  const job = await newJob(brokers);
  const { life, write } = await openLife(context, job);
  await write(job.log, 0, "a", "b");
  await life.commit([], job.seat);
  await write(job.log, 0, "open");
  // The marker of the commit is a record too.
  const open = await readLogBounds(cluster, job.log, [0, 1]);
  assert.deepEqual(open.get(0), { earliest: 0, end: 3 });
  assert.deepEqual(open.get(1), { earliest: 0, end: 0 });
  await life.commit([], job.seat);
  await waitUntil(async () => {
    const bounds = await readLogBounds(life.cluster, job.log, [0]);
    return bounds.get(0)?.end === 5;
  });
});

test("deleteRecords() deletes what lies before, of each partition its own", async () => {
  const topic = await newTopic("windows", { partitions: 3 });
  for (const partition of [0, 1, 2]) {
    const messages = ["a", "b", "c"].map((value) => ({ value, partition }));
    await producer.send({ topic, messages });
  }
  const offsets = new Map([
    [0, 2],
    [2, 1],
  ]);
  // Again, nothing happens.
  for (let n = 0; n < 2; n++) await deleteRecords(cluster, topic, offsets);
  const bounds = await readLogBounds(cluster, topic, [0, 1, 2]);
  assert.deepEqual(
    [0, 1, 2].map((partition) => bounds.get(partition)),
    [
      { earliest: 2, end: 3 },
      { earliest: 0, end: 3 },
      { earliest: 1, end: 3 },
    ],
  );
  assert.equal((await readWithKcat(brokers, topic)).length, 6);
});

test("deleteRecords() of a topic that forbids it says so", async () => {
  const topic = await newTopic("windows", {
    partitions: 1,
    config: { "cleanup.policy": "compact" },
  });
  const offsets = new Map([[0, 0]]);
  await assert.rejects(deleteRecords(cluster, topic, offsets), {
    name: "WorldError",
    message: new RegExp(`^Cannot delete records of topic "${topic}": \\S`),
  });
});
