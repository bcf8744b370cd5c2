import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { kafkaClients } from "../../support/kafka_clients.ts";
import { KafkaSourceRun, readBounded } from "../../support/kafka_source_run.ts";
import { readWithKcat } from "../../support/kcat.ts";
import { numberedMessages } from "../../support/numbered_messages.ts";
import { testKafka } from "../../support/test_kafka.ts";
import { topicIdOf } from "../../support/topic_id.ts";
import { waitUntil } from "../../support/wait_until.ts";

const { brokers, newTopic } = await testKafka();
const { admin, producer } = kafkaClients(brokers);

/** Sends lines `key:value` with kcat and the options given. */
async function produceWithKcat(topic: string, ...options: string[]) {
  const args = ["-b", brokers, "-t", topic, "-P", "-K", ":", ...options];
  const kcat = spawn("kcat", args, { stdio: ["pipe", "ignore", "inherit"] });
  for (let index = 0; index < 3_000; index++) {
    kcat.stdin.write(`${options.join("")}${index}:${"visit ".repeat(20)}\n`);
  }
  kcat.stdin.end();
  const [code] = await once(kcat, "exit");
  assert.equal(code, 0);
}

function kindsOf(run: KafkaSourceRun): string[] {
  return run.events.map((event) =>
    event.kind === "finished" ? `finished ${event.partition}` : event.kind,
  );
}

test("KafkaSource reads what was packed by every codec, as kcat does", async () => {
  const topic = await newTopic("codecs", { partitions: 2 });
  for (const codec of ["none", "gzip", "snappy", "lz4", "zstd"]) {
    await produceWithKcat(topic, "-z", codec);
  }
  const fields = ({
    partition,
    offset,
    key,
    value,
  }: object & {
    partition: number;
    offset: number;
    key: string | null;
    value: string | null;
  }) => `${partition} ${offset} ${key} ${value}`;
  const expected = (await readWithKcat(brokers, topic)).map(fields).sort();
  const actual = (await readBounded(brokers, topic)).map(fields).sort();
  assert.equal(actual.length, 15_000);
  assert.deepEqual(actual, expected);
});

test("KafkaSource hands on null keys, null values and empty ones as they are", async () => {
  const topic = await newTopic("nulls", { partitions: 1 });
  const messages = [
    { key: null, value: null },
    { key: "", value: "" },
    { key: "k", value: null },
    { key: null, value: "v", headers: { h: "1" }, timestamp: "1717200000123" },
  ];
  await producer.send({ topic, messages });
  const records = await readBounded(brokers, topic);
  assert.deepEqual(
    records.map(({ key, value }) => ({ key, value })),
    messages.map(({ key, value }) => ({ key, value })),
  );
  assert.equal(records[3]?.timestampMs, 1_717_200_000_123);
});

test("KafkaSource, bounded, finishes every partition and leaves out later records", async () => {
  const topic = await newTopic("bounded", { partitions: 3 });
  await producer.send({ topic, messages: numberedMessages(500, 0) });
  await producer.send({ topic, messages: numberedMessages(300, 2) });
  const run = new KafkaSourceRun(brokers, { topic, bounded: true });
  await run.open();
  await producer.send({ topic, messages: numberedMessages(50, 0) });
  await producer.send({ topic, messages: numberedMessages(50, 1) });
  assert.equal(run.source.extent(), null, "before the starts are known");
  run.read();
  await run.ended();
  assert.deepEqual(run.source.extent(), { done: 800, total: 800 });
  await run.close();
  assert.equal(run.source.partitionCount, 3);
  assert.equal(run.records.length, 800);
  assert.deepEqual(run.events[0], {
    kind: "assigned",
    partitions: [0, 1, 2],
    restarted: [0, 1, 2],
    topicId: await topicIdOf(brokers, topic),
    seat: null,
  });
  assert.deepEqual(kindsOf(run).sort(), [
    "assigned",
    "finished 0",
    "finished 1",
    "finished 2",
  ]);
});

test("KafkaSource reads nothing of a partition before begin(), then from there", async () => {
  const topic = await newTopic("begin", { partitions: 2 });
  await producer.send({ topic, messages: numberedMessages(500, 0) });
  await producer.send({ topic, messages: numberedMessages(40, 1) });
  const run = new KafkaSourceRun(brokers, { topic, bounded: true });
  await run.open();
  const events = run.source.events();
  assert.equal((await events.next()).value?.kind, "assigned");
  run.source.begin(1, 40);
  const finished = { kind: "finished", partition: 1 };
  assert.deepEqual((await events.next()).value, finished);
  await sleep(300);
  assert.equal(run.source.isReady, false);
  assert.deepEqual(run.progress(0), {
    partition: 0,
    position: null,
    endOffset: 500,
    lag: null,
    isCaughtUp: false,
  });
  run.source.begin(0, 123);
  await waitUntil(() => run.source.isReady);
  assert.equal(run.progress(0)?.lag, 500 - 123);
  assert.equal(run.source.extent()?.total, 500 - 123);
  run.read(events);
  await run.ended();
  await run.close();
  const offsets = run.records.map(({ offset }) => offset);
  const expected = Array.from({ length: 500 - 123 }, (_, at) => 123 + at);
  assert.deepEqual(offsets, expected);
  const { position, lag } = run.progress(0)!;
  assert.deepEqual({ position, lag }, { position: 500, lag: 0 });
});

test("KafkaSource reads a batch that is larger than any of its requests", async () => {
  const config = { "max.message.bytes": String(20 * 1024 * 1024) };
  const topic = await newTopic("oversized", { partitions: 2, config });
  await producer.send({ topic, messages: numberedMessages(100, 0) });
  await producer.send({ topic, messages: numberedMessages(100, 1) });
  const value = "y".repeat(6 * 1024 * 1024);
  for (const partition of [0, 1]) {
    await producer.send({
      topic,
      messages: [{ partition, key: "big", value }],
    });
  }
  await producer.send({ topic, messages: numberedMessages(100, 0) });
  await producer.send({ topic, messages: numberedMessages(100, 1) });
  const records = await readBounded(brokers, topic);
  assert.equal(records.length, 402);
  assert.equal(records[100]?.value, value);
  assert.equal(records[301]?.value, value);
});

test("KafkaSource goes on at the earliest record when others were deleted before it", async () => {
  const topic = await newTopic("deleted", { partitions: 1 });
  for (let round = 0; round < 20; round++) {
    const messages = [{ key: "k", value: "z".repeat(900 * 1024) }];
    await producer.send({ topic, messages });
  }
  await admin.fetchTopicOffsets(topic);
  const run = new KafkaSourceRun(brokers, { topic, bounded: true });
  const bytesBefore = process.memoryUsage().arrayBuffers;
  await run.open();
  try {
    const events = run.source.events();
    assert.equal((await events.next()).value?.kind, "assigned");
    run.source.begin(0, "earliest");
    // While nothing is pulled, only a few answers are fetched in advance.
    await sleep(300);
    const held = process.memoryUsage().arrayBuffers - bytesBefore;
    assert.ok(held < 12e6, `holds ${held} bytes`);
    const partitions = [{ partition: 0, offset: "18" }];
    await admin.deleteTopicRecords({ topic, partitions });
    run.read(events);
    await run.ended();
  } finally {
    await run.close();
  }
  const offsets = run.records.map(({ offset }) => offset);
  // The memory that others gave back meanwhile may hide what this one held.
  const fetchedBytes = (offsets.length - 2) * 900 * 1024;
  assert.ok(fetchedBytes < 12e6, `held ${fetchedBytes} bytes`);
  assert.deepEqual(offsets.slice(-3), [offsets.length - 3, 18, 19]);
  assert.deepEqual(run.warnings, [
    `Records of topic "${topic}" were deleted before they were read: ` +
      `offsets ${offsets.length - 2} to 17 of partition 0, ` +
      `${20 - offsets.length} in all`,
  ]);
  assert.equal(run.source.goneRecords, 20 - offsets.length);
});

test("KafkaSource.open() names a topic that does not exist", async () => {
  const run = new KafkaSourceRun(brokers, { topic: "absent", bounded: true });
  await assert.rejects(run.start(), {
    name: "WorldError",
    message: `Cannot read topic "absent": it does not exist on ${brokers}, create it or pass --create-source`,
  });
});

test("KafkaSource.open() fails within 5 seconds when no broker answers", async () => {
  const run = new KafkaSourceRun("127.0.0.1:1", { topic: "t", bounded: true });
  const startMs = performance.now();
  await assert.rejects(run.start(), {
    name: "WorldError",
    message: /127.0.0.1:1/,
  });
  assert.ok(performance.now() - startMs < 5_000);
});
