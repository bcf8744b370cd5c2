import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { OnNewTopic } from "../../../src/config/config.ts";
import { kafkaClients } from "../../support/kafka_clients.ts";
import { KafkaSourceRun } from "../../support/kafka_source_run.ts";
import { numberedMessages } from "../../support/numbered_messages.ts";
import { testKafka } from "../../support/test_kafka.ts";
import { waitUntil } from "../../support/wait_until.ts";

const { brokers, newTopic } = await testKafka();
const { admin, producer } = kafkaClients(brokers);

const upTo = (end: number, from = 0) =>
  Array.from({ length: end - from }, (_, at) => from + at);

const offsetsOf = ({ records }: KafkaSourceRun) =>
  records.map(({ offset }) => offset);

/** A durable run over a topic with 20 records, which goes on at `from`. */
async function goOnAt(
  t: TestContext,
  from: number,
  onNewTopic: OnNewTopic = "stop",
): Promise<{ topic: string; run: KafkaSourceRun }> {
  const topic = await newTopic("committed", { partitions: 1 });
  await producer.send({ topic, messages: numberedMessages(20) });
  const run = new KafkaSourceRun(brokers, {
    ...{ topic, bounded: false, restartsAll: true },
    source: { onNewTopic },
  });
  run.from = from;
  t.after(() => run.source.close());
  return { topic, run };
}

test("KafkaSource, live, goes on at a committed offset, and knows its lag", async (t) => {
  const { topic, run } = await goOnAt(t, 12);
  await run.open();
  const events = run.source.events();
  const first = await events.next();
  assert.equal(first.value?.kind, "assigned");
  assert.equal(run.progress(0)?.position, null, "before it has begun");
  run.source.begin(0, 12);
  assert.equal(run.progress(0)?.position, 12);
  const second = await events.next();
  assert.ok(second.value?.kind === "records");
  const { position, endOffset, lag, isCaughtUp } = run.progress(0)!;
  assert.deepEqual(
    { position, endOffset, lag, isCaughtUp },
    { position: 12, endOffset: 20, lag: 8, isCaughtUp: false },
  );
  second.value.chunk.release();
  run.read(events);
  await waitUntil(() => run.isCaughtUp(0));
  assert.equal(run.progress(0)?.position, 20);
  await producer.send({ topic, messages: numberedMessages(5) });
  await waitUntil(() => run.records.length === 5);
  assert.deepEqual(offsetsOf(run), upTo(25, 20));
  await waitUntil(() => run.progress(0)?.position === 25);
  assert.equal(run.progress(0)?.lag, 0);
});

test("KafkaSource goes on behind records that were deleted since its commit, and says so", async (t) => {
  const { topic, run } = await goOnAt(t, 5);
  await admin.fetchTopicOffsets(topic);
  const partitions = [{ partition: 0, offset: "9" }];
  await admin.deleteTopicRecords({ topic, partitions });
  await run.start();
  await waitUntil(() => run.records.length === 11);
  assert.deepEqual(offsetsOf(run), upTo(20, 9));
  assert.equal(run.source.goneRecords, 4);
  assert.deepEqual(run.warnings, [
    `Records of topic "${topic}" were deleted before they were read: offsets 5 to 8 of partition 0, 4 in all`,
  ]);
});

test("KafkaSource stops when its topic ends before its committed offset", async (t) => {
  const { topic, run } = await goOnAt(t, 50);
  await run.start();
  await assert.rejects(run.ended(), {
    name: "WorldError",
    message:
      `Cannot read topic "${topic}" any further: offset 50 of ` +
      "partition 0 is committed, but its log ends at 20: another program has " +
      "committed it, or the log was cut, as an unclean leader election does; run " +
      "with --on-new-topic drop to drop its open sessions and to read it from " +
      "its start",
  });
});

test("KafkaSource goes on where its topic ends before its committed offset, with flush", async (t) => {
  const { topic, run } = await goOnAt(t, 50, "flush");
  await run.start();
  await waitUntil(() => run.isCaughtUp(0));
  await producer.send({ topic, messages: numberedMessages(3) });
  await waitUntil(() => run.records.length === 3);
  assert.deepEqual(offsetsOf(run), upTo(23, 20));
  assert.match(run.warnings.join("\n"), /ends at 20.*read on from there$/);
});

test("KafkaSource reads a topic that ends before its committed offset from its start, with drop", async (t) => {
  const { run } = await goOnAt(t, 50, "drop");
  await run.start();
  await waitUntil(() => run.records.length === 20);
  assert.deepEqual(offsetsOf(run), upTo(20));
  const [first, second, ...more] = run.assignments;
  assert.equal(first?.voided, undefined);
  assert.deepEqual(second?.voided, [0]);
  assert.deepEqual(second?.seat, first?.seat);
  assert.deepEqual(more, []);
});
