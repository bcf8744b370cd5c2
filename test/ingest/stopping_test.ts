import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, request } from "node:http";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { visitJson } from "../e2e/produce.ts";
import { readWithKcat } from "../support/kcat.ts";
import { connectTo } from "../support/raw_exchange.ts";
import { testKafka } from "../support/test_kafka.ts";
import { startIngest } from "./running_ingest.ts";

const { brokers, newTopic } = await testKafka();
const topic = await newTopic("visits", { partitions: 3 });

interface Answer {
  readonly status: number;
  readonly connection: string | undefined;
  readonly body: string;
}

/** Asks on a connection of the agent's, which keeps it if it may. */
async function ask(
  url: string,
  agent: Agent,
  visit: string | null = null,
): Promise<Answer> {
  const method = visit === null ? "GET" : "POST";
  const headers = { "content-type": "application/json" };
  const sent = request(url, { method, agent, headers });
  sent.end(visit ?? "");
  const [answer] = await once(sent, "response");
  const body = await text(answer);
  const { connection } = answer.headers;
  return { status: answer.statusCode, connection, body };
}

function keepAlive(): Agent {
  return new Agent({ keepAlive: true, maxSockets: 1 });
}

/** Sends visits, some ms apart, until it fails; why, as Node names it. */
async function sendOn(
  url: string,
  { id, pauseMs }: { id: string; pauseMs: number },
  answers: Answer[],
): Promise<string> {
  const agent = keepAlive();
  for (;;) {
    try {
      answers.push(await ask(`${url}/visits`, agent, visitJson(id)));
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? String(error);
    }
    await sleep(pauseMs);
  }
}

test("a stop is told to clients before it comes: none is cut off", async () => {
  const ingest = await startIngest(brokers, { topic, drainMs: 1_500 });
  const { url } = ingest;
  const answers: Answer[] = [];
  const ends = [1, 10, 100, 400].map((pauseMs) =>
    sendOn(url, { id: "told-a", pauseMs }, answers),
  );
  const idle = keepAlive();
  await ask(`${url}/healthz`, idle);
  await sleep(500);
  assert.ok(answers.every(({ connection }) => connection === "keep-alive"));
  const beganAtMs = performance.now();
  const stopped = ingest.stop();
  await sleep(500);
  const before = answers.length;
  const health = await ask(`${url}/healthz`, idle);
  assert.deepEqual([health.status, health.connection], [200, "close"]);
  const readiness = await ask(`${url}/readyz`, idle);
  assert.equal(readiness.status, 503);
  assert.equal(readiness.body, "not ready: it stops\n");
  const metrics = await ask(`${url}/metrics`, idle);
  assert.match(metrics.body, /^sessionmill_ingest_ready 0$/m);
  const wrong = await ask(`${url}/%zz`, idle);
  assert.deepEqual([wrong.status, wrong.connection], [400, "close"]);
  const totals = await stopped;
  assert.ok(performance.now() - beganAtMs >= 1_500);
  // It was there until nobody was told so any more.
  assert.deepEqual(new Set(await Promise.all(ends)), new Set(["ECONNREFUSED"]));
  assert.ok(answers.length > before + 4);
  const told = answers.slice(before);
  assert.ok(told.every(({ connection }) => connection === "close"));
  assert.ok(answers.every(({ status }) => status === 202));
  assert.equal(totals.accepted, answers.length);
  assert.equal(totals.gone, 0);
  const records = await readWithKcat(brokers, topic);
  const told_a = records.filter(({ key }) => key === "told-a");
  assert.equal(told_a.length, answers.length);
});

test("requests that were sent at once are all answered in a stop", async () => {
  const ingest = await startIngest(brokers, { topic, drainMs: 60_000 });
  const visit = visitJson("once-a");
  const bytes = `POST /visits HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${visit.length}\r\n\r\n${visit}`;
  const socket = connectTo(ingest.url);
  socket.write(bytes);
  await once(socket, "readable");
  const stopped = ingest.stop();
  socket.write(bytes.repeat(20));
  const answers = await text(socket);
  assert.equal(answers.match(/HTTP\/1\.1 202 /g)?.length, 21);
  assert.equal(answers.match(/connection: close/gi)?.length, 1);
  const { accepted, gone } = await stopped;
  assert.deepEqual([accepted, gone], [21, 0]);
});

test("a stop waits for nobody where there is none", async () => {
  const ingest = await startIngest(brokers, { topic, drainMs: 60_000 });
  const agent = new Agent();
  await ask(`${ingest.url}/visits`, agent, visitJson("alone-a"));
  await ingest.stop();
  // Nor for whom it has never heard.
  const other = await startIngest(brokers, { topic });
  const silent = connectTo(other.url);
  await once(silent, "connect");
  await ask(`${other.url}/healthz`, agent);
  const beganAtMs = performance.now();
  await other.stop();
  assert.ok(performance.now() - beganAtMs < 3_000);
  silent.destroy();
});

test("a stop waits for those who go by /readyz, though none is connected", async () => {
  const ingest = await startIngest(brokers, { topic, drainMs: 1_500 });
  const agent = new Agent();
  assert.equal((await ask(`${ingest.url}/readyz`, agent)).status, 200);
  // So long that nobody who was connected would be waited for.
  await sleep(1_200);
  const stopped = ingest.stop();
  await sleep(1_000);
  assert.equal((await ask(`${ingest.url}/readyz`, agent)).status, 503);
  await stopped;
});
