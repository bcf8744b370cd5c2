import assert from "node:assert/strict";
import { test } from "node:test";
import { Kafka, logLevel } from "kafkajs";
import { kafkaClients } from "../../support/kafka_clients.ts";
import { KafkaSourceRun } from "../../support/kafka_source_run.ts";
import { numberedMessages } from "../../support/numbered_messages.ts";
import { testKafka } from "../../support/test_kafka.ts";
import { topicIdOf } from "../../support/topic_id.ts";
import { waitUntil } from "../../support/wait_until.ts";

const kafka = await testKafka();
const { brokers } = kafka;
const { admin } = kafkaClients(brokers);

/** With a producer of its own: one that was used keeps asking for old topics. */
async function send(topic: string, count: number, partition = 0) {
  const producer = new Kafka({
    brokers: [brokers],
    logLevel: logLevel.NOTHING,
  }).producer();
  await producer.connect();
  await producer.send({ topic, messages: numberedMessages(count, partition) });
  await producer.disconnect();
}

/** Deletes the topic, makes it again and fills it, as fast as that goes. */
async function recreate(topic: string, messages: number): Promise<void> {
  await admin.deleteTopics({ topics: [topic] });
  await kafka.createTopic(topic, { partitions: 1 });
  await send(topic, messages);
}

/** A run that has read the first 20 records of a new topic. */
async function begunRun(
  t: { after(fn: () => Promise<void>): void },
  onNewTopic: "stop" | "flush" | "drop",
) {
  const topic = await kafka.newTopic("anew", { partitions: 1 });
  await send(topic, 20);
  const source = { onNewTopic };
  const run = new KafkaSourceRun(brokers, { topic, bounded: false, source });
  t.after(() => run.source.close());
  await run.start();
  await waitUntil(() => run.records.length === 20);
  return { topic, run };
}

test("KafkaSource does not read on in a topic that was made anew", async (t) => {
  const { topic, run } = await begunRun(t, "stop");
  await recreate(topic, 30);
  await assert.rejects(run.ended(), {
    name: "WorldError",
    message:
      `Cannot read topic "${topic}" any further: it was deleted and created ` +
      "anew, so its offsets mean other records now; start again to read it " +
      "from its start, or run with --on-new-topic flush or drop",
  });
  assert.equal(run.records.length, 20);
});

for (const onNewTopic of ["drop", "flush"] as const) {
  test(`KafkaSource reads a topic that was made anew from its start, to ${onNewTopic} the old`, async (t) => {
    const { topic, run } = await begunRun(t, onNewTopic);
    const oldId = await topicIdOf(brokers, topic);
    await recreate(topic, 30);
    await waitUntil(() => run.records.length === 50);
    run.source.stop();
    await run.ended();
    const offsets = run.records.slice(20).map(({ offset }) => offset);
    assert.deepEqual(
      offsets,
      Array.from({ length: 30 }, (_, offset) => offset),
    );
    const newId = await topicIdOf(brokers, topic);
    assert.notEqual(newId, oldId);
    const { seat } = run;
    assert.notEqual(seat, null);
    const restarted = [0];
    const assigned = { kind: "assigned", partitions: [0], restarted, seat };
    assert.deepEqual(run.events, [
      { ...assigned, topicId: oldId },
      ...(onNewTopic === "flush" ? [{ kind: "flush" }] : []),
      { ...assigned, topicId: newId },
    ]);
    const warning = run.warnings.find((text) => text.includes("another one"));
    assert.match(warning ?? "", /another one now: it was deleted and created/);
  });
}

test("KafkaSource, bounded, does not read the end of its topic in a new one", async (t) => {
  const topic = await kafka.newTopic("bounded-anew", { partitions: 1 });
  await send(topic, 20);
  const run = new KafkaSourceRun(brokers, { topic, bounded: true });
  t.after(() => run.source.close());
  await run.open();
  await recreate(topic, 30);
  run.read();
  await assert.rejects(run.ended(), {
    name: "WorldError",
    message: /created anew.*; start again to read it from its start$/,
  });
  assert.equal(run.records.length, 0);
});

test("KafkaSource stops when its topic is deleted, bounded or not", async (t) => {
  for (const bounded of [false, true]) {
    const topic = await kafka.newTopic("gone", { partitions: 1 });
    await send(topic, 20);
    const run = new KafkaSourceRun(brokers, { topic, bounded });
    t.after(() => run.source.close());
    await run.open();
    const events = run.source.events();
    if (bounded) await admin.deleteTopics({ topics: [topic] });
    run.read(events);
    if (!bounded) {
      await waitUntil(() => run.records.length === 20);
      await admin.deleteTopics({ topics: [topic] });
    }
    const startMs = performance.now();
    await assert.rejects(run.ended(), {
      name: "WorldError",
      message: `Cannot read topic "${topic}" any further: it was deleted`,
    });
    const tookMs = performance.now() - startMs;
    assert.ok(tookMs > 4_000 && tookMs < 10_000, `${tookMs} ms`);
  }
});
