import assert from "node:assert/strict";
import { test } from "node:test";
import { kafkaClients } from "../../support/kafka_clients.ts";
import { KafkaSourceRun } from "../../support/kafka_source_run.ts";
import { numberedMessages } from "../../support/numbered_messages.ts";
import { testKafka } from "../../support/test_kafka.ts";
import { topicIdOf } from "../../support/topic_id.ts";
import { waitUntil } from "../../support/wait_until.ts";

const { brokers, newTopic } = await testKafka();
const { admin, producer } = kafkaClients(brokers);

test("KafkaSource, unbounded, reads from the start, then what comes", async () => {
  const topic = await newTopic("later", { partitions: 2 });
  const run = new KafkaSourceRun(brokers, { topic, bounded: false });
  await run.start();
  try {
    await waitUntil(() => run.events.length === 1);
    await waitUntil(() => [0, 1].every((each) => run.isCaughtUp(each)));
    assert.equal(run.progress(1)?.lag, 0);
    assert.equal(run.isCaughtUp(2), false);
    await producer.send({ topic, messages: numberedMessages(20, 0) });
    await waitUntil(() => run.records.length === 20);
    await producer.send({ topic, messages: numberedMessages(30, 1) });
    await waitUntil(() => run.records.length === 50);
    await waitUntil(() => run.isCaughtUp(1));
  } finally {
    const startMs = performance.now();
    await run.close();
    assert.ok(performance.now() - startMs < 2_000, "closes in 2 seconds");
  }
  const { groups } = await admin.describeGroups([`group-of-${topic}`]);
  assert.equal(groups[0]?.state, "Empty");
  const offsets = await admin.fetchOffsets({
    groupId: `group-of-${topic}`,
    topics: [topic],
  });
  const committed = offsets[0]!.partitions.map(({ offset }) => offset);
  assert.deepEqual(committed, ["-1", "-1"], "nothing is committed");
});

test("KafkaSource loses nothing when a member joins its group and leaves", async (t) => {
  const topic = await newTopic("rebalance", { partitions: 4 });
  const options = { topic, bounded: false, group: `group-of-${topic}` };
  const first = new KafkaSourceRun(brokers, options);
  const second = new KafkaSourceRun(brokers, options);
  t.after(() => Promise.all([first.close(), second.close()]));
  let sent = 0;
  const send = async () => {
    const messages = [0, 1, 2, 3].flatMap((each) => numberedMessages(25, each));
    await producer.send({ topic, messages });
    sent += 25;
  };
  const owned = (run: KafkaSourceRun): readonly number[] => {
    const last = run.events.findLast(({ kind }) => kind === "assigned");
    return last?.kind === "assigned" ? last.partitions : [];
  };
  const sending = async (condition: () => boolean) => {
    await waitUntil(async () => {
      await send();
      return condition();
    });
  };
  await first.start();
  await sending(() => owned(first).length === 4);
  await second.start();
  await sending(() => owned(second).length === 2 && owned(first).length === 2);
  const taken = owned(second);
  await sending(() => second.records.length > 100);
  await second.close();
  await sending(() => owned(first).length === 4);
  const ofFirst = (partition: number) =>
    first.records.filter((each) => each.partition === partition);
  const ends = () => [0, 1, 2, 3].map((each) => ofFirst(each).at(-1)?.offset);
  await waitUntil(() => ends().every((offset) => offset === sent - 1));
  await first.close();
  const last = first.events.at(-1);
  assert.deepEqual(last, {
    kind: "assigned",
    partitions: [0, 1, 2, 3],
    restarted: taken,
    topicId: await topicIdOf(brokers, topic),
    seat: first.seat,
  });
  for (const partition of [0, 1, 2, 3]) {
    const offsets = ofFirst(partition).map(({ offset }) => offset);
    const whole = Array.from({ length: sent }, (_, offset) => offset);
    const wasTaken = taken.includes(partition);
    // A partition that stayed is read once, one that came back from its start.
    const read = wasTaken ? offsets.slice(offsets.lastIndexOf(0)) : offsets;
    assert.deepEqual(read, whole);
  }
});
