import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { visitJson } from "../e2e/produce.ts";
import { readWithKcat } from "../support/kcat.ts";
import { promtoolFaults } from "../support/prometheus.ts";
import { testKafka } from "../support/test_kafka.ts";
import { waitUntil } from "../support/wait_until.ts";
import { startIngest } from "./running_ingest.ts";

const { brokers, newTopic } = await testKafka();
const topic = await newTopic("visits", { partitions: 3 });

/** Values of the topic whose visit_id begins so, in the order of partitions. */
async function written(prefix: string): Promise<string[]> {
  const records = await readWithKcat(brokers, topic);
  return records
    .filter(({ key }) => key.startsWith(prefix))
    .map(({ value }) => value);
}

test("a client that goes away in the middle of a body is counted, and nothing is taken", async () => {
  const ingest = await startIngest(brokers, { topic });
  const socket = connect(Number(new URL(ingest.url).port), "127.0.0.1");
  socket.write(
    "POST /visits HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n" +
      visitJson("gone-a"),
  );
  await waitUntil(async () => {
    const answer = await fetch(`${ingest.url}/metrics`);
    return /waiting_bytes [1-9]/.test(await answer.text());
  });
  socket.destroy();
  await waitUntil(async () => {
    const metrics = await (await fetch(`${ingest.url}/metrics`)).text();
    return /waiting_bytes 0/.test(metrics) && /gone_total 1/.test(metrics);
  });
  const totals = await ingest.stop();
  assert.equal(totals.gone, 1);
  assert.equal(totals.visits, 0);
  assert.deepEqual(await written("gone-"), []);
});

test("what a client has sent at once, and goes away, is not all worked off", async () => {
  const ingest = await startIngest(brokers, { topic });
  const socket = connect(Number(new URL(ingest.url).port), "127.0.0.1");
  const visit = visitJson("left-a");
  const head = `content-type: application/json\r\ncontent-length: ${visit.length}`;
  const post = `POST /visits HTTP/1.1\r\nhost: x\r\n${head}\r\n\r\n${visit}`;
  const sent = Math.floor(60_000 / post.length);
  socket.write(post.repeat(sent));
  socket.once("data", () => socket.resetAndDestroy());
  await once(socket, "close");
  const { visits, requests } = await ingest.stop();
  assert.equal(requests, sent);
  assert.ok(visits > 0 && visits < 100, `${visits} of ${sent}`);
});

test("bytes that are no request are answered in our words, and counted", async () => {
  const ingest = await startIngest(brokers, { topic });
  const socket = connect(Number(new URL(ingest.url).port), "127.0.0.1");
  socket.write("hello\r\n\r\n");
  assert.match(
    await text(socket),
    /^HTTP\/1\.1 400 Bad Request\r\n.*\{"error":"Cannot take the request: it is not HTTP\/1\.1"\}$/s,
  );
  const { answers } = await ingest.stop();
  assert.deepEqual(answers, { 400: 1 });
});

test("more than may wait is answered 429, and all is well afterwards", async () => {
  const visits = Array.from({ length: 2_000 }, () => visitJson("full-a"));
  const body = `[${visits}]`;
  // Room for one at a time, however soon it is written.
  const waitingBytesMax = body.length;
  const ingest = await startIngest(brokers, { topic, waitingBytesMax });
  const answers = await Promise.all(
    Array.from({ length: 40 }, () => ingest.post(body)),
  );
  const refused = answers.filter(({ status }) => status === 429);
  const taken = answers.filter(({ status }) => status === 202);
  assert.ok(refused.length > 0 && taken.length > 0);
  assert.equal(refused.length + taken.length, 40);
  for (const { headers } of refused)
    assert.equal(headers.get("retry-after"), "1");
  assert.equal((await ingest.post(visitJson("full-a"))).status, 202);
  const { accepted } = await ingest.stop();
  assert.equal(accepted, 2_000 * taken.length + 1);
  assert.equal((await written("full-")).length, accepted);
});

test("GET /metrics counts requests, visits, rejections and bytes", async () => {
  const ingest = await startIngest(brokers, { topic });
  const visit = visitJson("metrics-a");
  await ingest.post(`[${visit},7]`);
  await ingest.post(visit);
  const answer = await fetch(`${ingest.url}/metrics`);
  assert.match(answer.headers.get("content-type")!, /^text\/plain; version=/);
  const metrics = await answer.text();
  for (const line of [
    'requests_total{status="202"} 1',
    'requests_total{status="400"} 1',
    "visits_total 2",
    'rejected_visits_total{reason="not_object"} 1',
    `body_bytes_total ${2 * visit.length + 4}`,
    "in_flight_requests 1",
    "ready 1",
    "request_duration_seconds_count 1",
  ]) {
    assert.ok(metrics.includes(`sessionmill_ingest_${line}\n`), line);
  }
  assert.equal(await promtoolFaults(metrics), "");
  const totals = await ingest.stop();
  assert.deepEqual(totals.answers, { 200: 1, 202: 1, 400: 1 });
  assert.deepEqual(totals.rejectedByReason, { not_object: 1 });
  assert.equal(totals.visits, 3);
});

test("a client that is too slow is told so, and holds nobody up", async () => {
  const ingest = await startIngest(brokers, { topic });
  const slow = connect(Number(new URL(ingest.url).port), "127.0.0.1");
  slow.write(
    "POST /visits HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n",
  );
  const answer = text(slow);
  const drip = setInterval(() => slow.write(" "), 1_000);
  try {
    let served = 0;
    const others = setInterval(async () => {
      const { status } = await ingest.post(visitJson("slow-a"));
      if (status === 202) served++;
    }, 500);
    assert.match(await answer, /^HTTP\/1.1 408 /);
    clearInterval(others);
    assert.ok(served > 20, `${served} others were served`);
  } finally {
    clearInterval(drip);
  }
  const totals = await ingest.stop();
  assert.equal(totals.answers[408], 1);
  assert.equal(totals.gone, 0);
  assert.equal(totals.accepted, totals.visits);
});
