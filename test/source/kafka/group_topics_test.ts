import assert from "node:assert/strict";
import { test } from "node:test";
import { Kafka, logLevel } from "kafkajs";
import { kafkaClients } from "../../support/kafka_clients.ts";
import { KafkaSourceRun } from "../../support/kafka_source_run.ts";
import { numberedMessages } from "../../support/numbered_messages.ts";
import { testKafka } from "../../support/test_kafka.ts";
import { topicIdOf } from "../../support/topic_id.ts";
import { waitUntil } from "../../support/wait_until.ts";

const { brokers, newTopic } = await testKafka();
const { admin, producer } = kafkaClients(brokers);

function owned(run: KafkaSourceRun): readonly number[] {
  const last = run.events.findLast(({ kind }) => kind === "assigned");
  return last?.kind === "assigned" ? last.partitions : [];
}

test("KafkaSource reads all of its topic where its group reads another one too", async (t) => {
  const topics = [
    await newTopic("left", { partitions: 3 }),
    await newTopic("right", { partitions: 4 }),
  ] as const;
  const group = `group-of-${topics[0]}`;
  const runs = [topics[0], topics[1], topics[1]].map((topic) => {
    const run = new KafkaSourceRun(brokers, { topic, bounded: false, group });
    t.after(() => run.close());
    return run;
  });
  for (const [index, topic] of topics.entries()) {
    const messages = [0, 1, 2].flatMap((partition) =>
      numberedMessages(10 + index, partition),
    );
    await producer.send({ topic, messages });
  }
  for (const run of runs) await run.start();
  const [left, ...right] = runs;
  await waitUntil(
    () =>
      owned(left!).length === 3 &&
      right.every((run) => owned(run).length === 2),
    { timeoutMs: 30_000 },
  );
  await waitUntil(() => left!.records.length === 30);
  assert.deepEqual(right.flatMap(owned).sort(), [0, 1, 2, 3]);
  const infos = runs.flatMap(({ infos }) => infos);
  assert.match(infos.join("\n"), /^Group ".*" has members that read "/m);
});

test("KafkaSource says why it cannot join the group of another program", async (t) => {
  const topic = await newTopic("foreign", { partitions: 2 });
  const group = `group-of-${topic}`;
  const consumer = new Kafka({
    brokers: [brokers],
    logLevel: logLevel.NOTHING,
  }).consumer({ groupId: group });
  t.after(() => consumer.disconnect());
  await consumer.connect();
  await consumer.subscribe({ topic });
  const joined = Promise.withResolvers<void>();
  consumer.on(consumer.events.GROUP_JOIN, () => joined.resolve());
  await consumer.run({ eachMessage: async () => {} });
  await joined.promise;
  const run = new KafkaSourceRun(brokers, { topic, bounded: false, group });
  t.after(() => run.source.close());
  await run.start();
  await assert.rejects(run.ended(), {
    name: "WorldError",
    message:
      /^Cannot join group ".*": its members are another program.*--group$/,
  });
});

test("KafkaSource reads partitions that are added, from their start, and says so", async (t) => {
  const topic = await newTopic("growing", { partitions: 1 });
  const source = { metadataIntervalMs: 1_000 };
  const run = new KafkaSourceRun(brokers, { topic, bounded: false, source });
  t.after(() => run.close());
  await producer.send({ topic, messages: numberedMessages(10, 0) });
  await run.start();
  await waitUntil(() => run.records.length === 10);
  await admin.createPartitions({
    topicPartitions: [{ topic, count: 3 }],
  });
  const late = new Kafka({ brokers: [brokers] }).producer();
  await late.connect();
  await late.send({ topic, messages: numberedMessages(7, 1) });
  await late.send({ topic, messages: numberedMessages(5, 2) });
  await late.disconnect();
  const startMs = performance.now();
  await waitUntil(() => run.records.length === 22);
  assert.ok(performance.now() - startMs < 5_000);
  assert.deepEqual(run.events.at(-1), {
    kind: "assigned",
    partitions: [0, 1, 2],
    restarted: [1, 2],
    topicId: await topicIdOf(brokers, topic),
    seat: run.seat,
  });
  await waitUntil(() => run.infos.length > 0);
  assert.deepEqual(run.infos, [
    `Topic "${topic}" has 3 partitions now, it had 1`,
  ]);
});
