import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Kafka, logLevel } from "kafkajs";
import { freePort, isPortFree } from "../../../docker/local_kafka/free_port.ts";
import { startKafka } from "../../../docker/local_kafka/kafka_broker.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");

function client(brokers: string): Kafka {
  return new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING });
}

async function endOffset(brokers: string, topic: string): Promise<number> {
  const admin = client(brokers).admin();
  await admin.connect();
  const offsets = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  return Number(offsets[0]?.offset);
}

async function produce(brokers: string, topic: string): Promise<void> {
  const producer = client(brokers).producer();
  await producer.connect();
  await producer.send({ topic, messages: [{ value: randomUUID() }] });
  await producer.disconnect();
}

test("startKafka() serves topics, keeps records over restarts and frees its port", async () => {
  const topics = [{ name: "a", partitions: 1 }];
  const broker = await startKafka({ topics });
  try {
    await produce(broker.brokers, "a");
    const firstPid = broker.pid;
    await broker.restart();
    assert.notEqual(broker.pid, firstPid);
    await produce(broker.brokers, "a");
    await broker.restart({ kill: true });
    assert.equal(await endOffset(broker.brokers, "a"), 2);
  } finally {
    await broker.stop();
  }
  assert.equal(await isPortFree(Number(broker.brokers.split(":")[1])), true);
});

test("startKafka() says that a given port is taken", async () => {
  const { createServer } = await import("node:net");
  const port = await freePort();
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await assert.rejects(startKafka({ port }), {
      message: `Cannot start Kafka: port ${port} is taken, give a free one`,
    });
  } finally {
    server.close();
  }
});

test("npm run kafka: the broker dies with a parent that was killed", async () => {
  const main = join(ROOT, "docker", "local_kafka", "main.ts");
  const port = await freePort();
  const child = spawn(process.execPath, [main, "--port", String(port)], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const line = await new Promise<string>((resolve) => {
    child.stdout.once("data", (data: Buffer) => resolve(String(data)));
  });
  assert.equal(line, `--brokers 127.0.0.1:${port}\n`);
  child.kill("SIGKILL");
  for (let tries = 0; tries < 100 && !(await isPortFree(port)); tries++) {
    await sleep(50);
  }
  assert.equal(await isPortFree(port), true);
});

test("npm run kafka: it ends with exit code 1 when its broker dies, and leaves nothing", async () => {
  const main = join(ROOT, "docker", "local_kafka", "main.ts");
  const folder = mkdtempSync(join(tmpdir(), "sessionmill-broker-"));
  const child = spawn(process.execPath, [main, "--topic", "v3:3"], {
    env: { ...process.env, TMPDIR: folder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stderr = text(child.stderr);
  try {
    const [line] = await once(child.stdout, "data");
    const brokers = String(line).trim().replace("--brokers ", "");
    const admin = client(brokers).admin();
    await admin.connect();
    const { topics } = await admin.fetchTopicMetadata({ topics: ["v3"] });
    assert.equal(topics[0]?.partitions.length, 3);
    await admin.disconnect();
    const [data] = readdirSync(folder);
    const owners = join(folder, data!, "owners.json");
    const { pids } = JSON.parse(readFileSync(owners, "utf8"));
    process.kill(pids[1], "SIGKILL");
    const [exitCode] = await once(child, "exit");
    assert.equal(exitCode, 1);
    assert.match(
      await stderr,
      /\nKafka has ended, its data is removed: signal SIGKILL\n/,
    );
    assert.deepEqual(readdirSync(folder), []);
  } finally {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  }
});
