import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { createServer } from "node:net";
import { test } from "node:test";
import { WorldError } from "../../src/errors.ts";
import { ensureTopic, prepareOutputTopic } from "../../src/kafka/topics.ts";
import { kafkaConfig } from "../support/kafka_config.ts";
import { testKafka } from "../support/test_kafka.ts";

test("prepareOutputTopic() tells partitions and the largest record", async () => {
  const { brokers, newTopic } = await testKafka();
  const topic = await newTopic("sessions", {
    partitions: 3,
    config: { "max.message.bytes": "54321" },
  });
  const options = { topic, partitionCount: 1 };
  assert.deepEqual(await prepareOutputTopic(kafkaConfig(brokers), options), {
    partitionCount: 3,
    maxRecordBytes: 54321,
  });
});

test("prepareOutputTopic() refuses a missing topic and says what to do", async () => {
  const { brokers } = await testKafka();
  const topic = `missing-${randomUUID()}`;
  const check = () =>
    prepareOutputTopic(kafkaConfig(brokers), { topic, partitionCount: 2 });
  const message =
    `Cannot write to topic "${topic}": it does not exist on ${brokers}, ` +
    "create it or pass --create-topics";
  // Looking for it must not have created it, so the second look is the same.
  for (let i = 0; i < 2; i++) {
    await assert.rejects(check, { name: "WorldError", message });
  }
});

test("ensureTopic() creates a missing topic when it is told to", async () => {
  const { brokers } = await testKafka();
  const topic = `made-${randomUUID()}`;
  const config = kafkaConfig(brokers);
  const partitionCount = 4;
  const use = {
    topic,
    purpose: "read",
    partitionCount,
    mayCreate: true,
  } as const;
  // Two processes of one job may come to it at the same time.
  const counts = await Promise.all([
    ensureTopic(config, use),
    ensureTopic(config, use),
  ]);
  assert.deepEqual(counts, [4, 4]);
});

test("ensureTopic() names the brokers that refuse, in time", async () => {
  const config = kafkaConfig("127.0.0.1:9");
  const use = {
    topic: "t",
    purpose: "read",
    partitionCount: 1,
    mayCreate: false,
  } as const;
  const startedAt = performance.now();
  await assert.rejects(ensureTopic(config, use), (error: Error) => {
    assert.ok(error instanceof WorldError);
    assert.match(error.message, /^Cannot reach Kafka at 127\.0\.0\.1:9: \S/);
    assert.match(error.message, /ECONNREFUSED/);
    return true;
  });
  assert.ok(performance.now() - startedAt < 5000);
});

test("ensureTopic() does not wait for what never answers", async () => {
  // It accepts connections and says nothing: no broker, or a stuck one.
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const sockets: { destroy(): void }[] = [];
  server.on("connection", (socket) => sockets.push(socket));
  const { port } = server.address() as { port: number };
  const use = {
    topic: "t",
    purpose: "read",
    partitionCount: 1,
    mayCreate: false,
  } as const;
  const startedAt = performance.now();
  await assert.rejects(ensureTopic(kafkaConfig(`127.0.0.1:${port}`), use), {
    name: "WorldError",
    message: /^Cannot reach Kafka at .*: no answer within 3.5 seconds/,
  });
  assert.ok(performance.now() - startedAt < 5000);
  for (const socket of sockets) socket.destroy();
  server.close();
});
