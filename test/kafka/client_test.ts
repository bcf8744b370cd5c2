import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:net";
import process from "node:process";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import kafkajs from "kafkajs";
import { createKafka, plainMessage } from "../../src/kafka/client.ts";
import { kafkaConfig } from "../support/kafka_config.ts";
import { testKafka } from "../support/test_kafka.ts";

const TLS_HANDSHAKE = 0x16;

test("createKafka() passes TLS settings through", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const security = { ssl: { rejectUnauthorized: false } };
  const config = kafkaConfig(`127.0.0.1:${port}`, { security });
  const admin = createKafka(config, { retries: 0 }).admin();
  const failed = assert.rejects(admin.connect());
  const [socket] = await once(server, "connection");
  const [hello] = await once(socket, "data");
  assert.equal(hello[0], TLS_HANDSHAKE);
  socket.destroy();
  await failed;
  server.close();
});

test("createKafka() hands kafkajs' warnings to the one who asks", async () => {
  const warnings: string[] = [];
  const kafka = createKafka(kafkaConfig("127.0.0.1:9"), {
    retries: 0,
    warn: (text) => warnings.push(text),
  });
  await assert.rejects(kafka.admin().connect());
  assert.match(warnings.join("\n"), /^kafka Connection: .*ECONNREFUSED/m);
});

test("createKafka() makes clients that rest when nothing is to do", async () => {
  const { brokers } = await testKafka();
  const warnings: Error[] = [];
  const note = (warning: Error) => warnings.push(warning);
  process.on("warning", note);
  const admin = createKafka(kafkaConfig(brokers)).admin();
  await admin.connect();
  await admin.listTopics();
  const cpu = process.cpuUsage();
  await sleep(500);
  const { user, system } = process.cpuUsage(cpu);
  await admin.disconnect();
  process.off("warning", note);
  assert.deepEqual(warnings, []);
  assert.ok(user + system < 100_000, `${user + system} µs of CPU`);
});

test("plainMessage() leaves out the layers that kafkajs' retries put round", () => {
  const cause = new Error("Connection error: connect ECONNREFUSED 127.0.0.1:9");
  const wrapped = new kafkajs.KafkaJSNumberOfRetriesExceeded(cause, {
    retryCount: 3,
    retryTime: 100,
  });
  const plain = "connect ECONNREFUSED 127.0.0.1:9";
  assert.equal(plainMessage(wrapped), plain);
  assert.equal(
    plainMessage(new Error(`KafkaJSNonRetriableError: ${plain}`)),
    plain,
  );
  assert.equal(plainMessage("just text."), "just text");
});
