import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import kafkajs from "kafkajs";
import { WALL_CLOCK } from "../../src/clock.ts";
import { VisitsTopic } from "../../src/ingest/visits_topic.ts";
import { brokerOutage } from "../../src/kafka/outage.ts";
import { Sender } from "../../src/kafka/sender.ts";
import { KafkaSink } from "../../src/sink/kafka/kafka_sink.ts";
import { ADA, startGuardedKafka } from "../support/guarded_kafka.ts";
import { kafkaClients } from "../support/kafka_clients.ts";
import { kafkaConfig } from "../support/kafka_config.ts";
import { waitUntil } from "../support/wait_until.ts";

const broker = await startGuardedKafka();
after(() => broker.stop());
const { admin } = kafkaClients(broker.open);
const kafka = kafkaConfig(broker.guarded, { security: ADA });

const FORBIDDEN =
  /^Cannot write to topic "(\S+)": it is forbidden; add an ACL that allows Write and Describe on topic "\1"/;

const { DESCRIBE, WRITE } = kafkajs.AclOperationTypes;

// Who may write to any topic gets a producer id.
await allowWrite("another");

function acl(topic: string, operation: number) {
  return {
    resourceType: kafkajs.AclResourceTypes.TOPIC,
    resourceName: topic,
    resourcePatternType: kafkajs.ResourcePatternTypes.LITERAL,
    principal: "User:ada",
    host: "*",
    operation,
    permissionType: kafkajs.AclPermissionTypes.ALLOW,
  };
}

async function newTopic(topic: string): Promise<string> {
  await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] });
  await admin.createAcls({ acl: [acl(topic, DESCRIBE)] });
  return topic;
}

async function allowWrite(topic: string): Promise<void> {
  await admin.createAcls({ acl: [acl(topic, WRITE)] });
}

async function forbidWrite(topic: string): Promise<void> {
  await admin.deleteAcls({ filters: [acl(topic, WRITE)] });
}

function visitsTopic(topic: string) {
  const warnings: string[] = [];
  const warn = (text: string) => void warnings.push(text);
  const visits = new VisitsTopic({ kafka, topic, warn, onProduced: () => {} });
  return { visits, warnings };
}

test("VisitsTopic.open() throws for a topic that may not be written to", async () => {
  const topic = await newTopic("never-allowed");
  const { visits } = visitsTopic(topic);
  await assert.rejects(visits.open(), { message: FORBIDDEN });
  await visits.close();
});

test("VisitsTopic takes no visits while writing is forbidden, and says so only once", async () => {
  const topic = await newTopic("forbidden-for-a-while");
  await allowWrite(topic);
  const { visits, warnings } = visitsTopic(topic);
  await visits.open();
  assert.equal(visits.trouble, null);
  await forbidWrite(topic);
  await waitUntil(() => visits.trouble !== null);
  // Long enough to begin again more than once.
  await sleep(3_000);
  assert.notEqual(visits.trouble, null);
  assert.equal(warnings.length, 1, warnings.join("\n"));
  assert.match(warnings[0]!, FORBIDDEN);
  await allowWrite(topic);
  await waitUntil(() => visits.trouble === null);
  assert.deepEqual(warnings.slice(1), [`Topic "${topic}" takes visits again`]);
  await visits.close();
});

test("VisitsTopic knows that its topic is gone, although nothing is written", async () => {
  const topic = await newTopic("gone");
  await allowWrite(topic);
  const { visits, warnings } = visitsTopic(topic);
  await visits.open();
  await admin.deleteTopics({ topics: [topic] });
  await waitUntil(() => visits.trouble === "its topic is not there");
  await newTopic(topic);
  await waitUntil(() => visits.trouble === null);
  assert.ok(
    warnings.some((text) => text.includes("deleted and created anew")),
    warnings.join("\n"),
  );
  await visits.close();
});

test("KafkaSink.open() throws for a topic that may not be written to", async (t) => {
  const topic = await newTopic("sessions");
  const warn = () => {};
  const outage = brokerOutage(kafka.brokers, { clock: WALL_CLOCK, warn });
  const sender = new Sender({ kafka, outage, warn });
  t.after(() => sender.close());
  await sender.open();
  const found = { partitionCount: 1, maxRecordBytes: 1 << 20 };
  const sink = new KafkaSink(sender, { topic, ...found });
  await assert.rejects(sink.open(), { message: FORBIDDEN });
});
