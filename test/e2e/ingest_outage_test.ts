import assert from "node:assert/strict";
import { Agent } from "node:http";
import process from "node:process";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startKafka } from "../../docker/local_kafka/kafka_broker.ts";
import { readWithKcat } from "../support/kcat.ts";
import { TEST_BROKER } from "../support/test_kafka.ts";
import { waitUntil } from "../support/wait_until.ts";
import { post, startIngest } from "./ingest_clients.ts";
import { testClient, visitJson } from "./produce.ts";

// A broker of this file's own: others could not do without it meanwhile.
const broker = await startKafka(TEST_BROKER);
after(() => broker.stop());

test("ingest: a second signal ends it at once", async () => {
  const { ingest, url } = await startIngest(broker);
  process.kill(broker.pid, "SIGSTOP");
  try {
    const agent = new Agent();
    const lost = post(url, visitJson("a"), agent).catch(() => null);
    await sleep(300);
    ingest.kill("SIGTERM");
    await sleep(400);
    ingest.kill("SIGTERM");
    const { exitCode, elapsedMs } = await ingest.ended();
    assert.equal(exitCode, 143);
    assert.ok(elapsedMs < 20_000);
    assert.equal(await lost, null);
  } finally {
    process.kill(broker.pid, "SIGCONT");
  }
});

test("ingest: a broker that is frozen makes it refuse in little memory, and then it goes on", async () => {
  const { ingest, url, topic } = await startIngest(
    broker,
    ...["--max-waiting-bytes", "4MiB"],
  );
  const agent = new Agent({ keepAlive: true });
  const body = (id: string) =>
    `[${Array.from({ length: 2_000 }, () => visitJson(id))}]`;
  const before = await post(url, body("before"), agent);
  assert.equal(before.status, 202);
  process.kill(broker.pid, "SIGSTOP");
  const statuses = new Map<number, number>();
  try {
    const endsAtMs = performance.now() + 20_000;
    const flood = async () => {
      while (performance.now() < endsAtMs) {
        const answer = await post(url, body("during"), agent);
        statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
        if (answer.status !== 202) {
          assert.equal(answer.retryAfter, "1");
          await sleep(20);
        }
      }
    };
    await Promise.all(Array.from({ length: 48 }, flood));
    assert.ok((statuses.get(429) ?? 0) > 0, JSON.stringify([...statuses]));
    assert.ok((statuses.get(503) ?? 0) > 0, JSON.stringify([...statuses]));
    assert.equal(statuses.get(202), undefined);
    const ready = await fetch(`${url}/readyz`);
    assert.equal(ready.status, 503);
    assert.match(await ready.text(), /Kafka does not answer/);
    assert.equal((await fetch(`${url}/healthz`)).status, 200);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    const [, waiting] = /waiting_bytes (\d+)/.exec(metrics)!;
    // Records have their keys beside what came.
    assert.ok(Number(waiting) <= 1.5 * (4 << 20), waiting);
    const [, rss] = /resident_memory_bytes (\d+)/.exec(metrics)!;
    assert.ok(Number(rss) < 400e6, rss);
  } finally {
    process.kill(broker.pid, "SIGCONT");
  }
  await waitUntil(async () => (await fetch(`${url}/readyz`)).status === 200);
  assert.equal((await post(url, body("after"), agent)).status, 202);
  agent.destroy();
  ingest.kill("SIGTERM");
  const { exitCode, stderr } = await ingest.ended();
  assert.equal(exitCode, 0, stderr);
  const records = await readWithKcat(broker.brokers, topic);
  const countOf = (id: string) =>
    records.filter(({ key }) => key === id).length;
  assert.equal(countOf("before"), 2_000);
  assert.equal(countOf("after"), 2_000);
  // What could not be confirmed is there, whole requests of it.
  assert.equal(countOf("during") % 2_000, 0);
  assert.match(
    stderr,
    /unconfirmed +[\d,]+ +in the topic or not; answered 503/,
  );
});

test("ingest: is not ready while Kafka is away, also when no visit comes", async () => {
  const { ingest, url } = await startIngest(broker);
  const readiness = async () => await (await fetch(`${url}/readyz`)).text();
  assert.equal(await readiness(), "ready\n");
  process.kill(broker.pid, "SIGSTOP");
  try {
    const isAway = async () => /Kafka does not answer/.test(await readiness());
    await waitUntil(isAway);
    assert.match(ingest.stderr, /Kafka at \S+ does not answer: no answer/);
  } finally {
    process.kill(broker.pid, "SIGCONT");
  }
  await waitUntil(async () => (await readiness()) === "ready\n");
  assert.match(ingest.stderr, /answers again/);
  ingest.kill("SIGTERM");
  assert.equal((await ingest.ended()).exitCode, 0);
});

test("ingest: a topic that is deleted is told, and visits are taken again when it is back", async () => {
  const { ingest, url, topic } = await startIngest(broker);
  const agent = new Agent({ keepAlive: true });
  assert.equal((await post(url, visitJson("a"), agent)).status, 202);
  const admin = testClient(broker.brokers).admin();
  await admin.connect();
  await admin.deleteTopics({ topics: [topic] });
  await admin.disconnect();
  assert.equal((await post(url, visitJson("b"), agent)).status, 503);
  await ingest.until(() =>
    /beginning again with a new producer/.test(ingest.stderr),
  );
  const refused = await post(url, visitJson("c"), agent);
  assert.equal(refused.status, 503);
  await broker.createTopic(topic, { partitions: 2 });
  await waitUntil(async () => (await fetch(`${url}/readyz`)).status === 200);
  assert.equal((await post(url, visitJson("d"), agent)).status, 202);
  agent.destroy();
  ingest.kill("SIGTERM");
  assert.equal((await ingest.ended()).exitCode, 0);
  const records = await readWithKcat(broker.brokers, topic);
  assert.deepEqual(
    records.map(({ key }) => key),
    ["d"],
  );
});
