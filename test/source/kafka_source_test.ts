import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Kafka, logLevel, type Message } from "kafkajs";
import { KafkaSourceRun, readBounded } from "../support/kafka_source_run.ts";
import { readWithKcat } from "../support/kcat.ts";
import { testKafka } from "../support/test_kafka.ts";
import { waitUntil } from "../support/wait_until.ts";

const { brokers, newTopic } = await testKafka();
const kafka = new Kafka({
  brokers: brokers.split(","),
  logLevel: logLevel.NOTHING,
});
const admin = kafka.admin();
const producer = kafka.producer();
before(async () => {
  await admin.connect();
  await producer.connect();
});
after(async () => {
  await producer.disconnect();
  await admin.disconnect();
});

function numbered(count: number, partition = 0): Message[] {
  return Array.from({ length: count }, (_, index) => ({
    partition,
    key: `k${index}`,
    value: `value ${index} ${"x".repeat(index % 300)}`,
  }));
}

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
  await producer.send({ topic, messages: numbered(500, 0) });
  await producer.send({ topic, messages: numbered(300, 2) });
  const run = new KafkaSourceRun(brokers, { topic, bounded: true });
  await run.source.open();
  await producer.send({ topic, messages: numbered(50, 0) });
  await producer.send({ topic, messages: numbered(50, 1) });
  run.read();
  await run.ended();
  await run.close();
  assert.equal(run.source.partitionCount, 3);
  assert.equal(run.records.length, 800);
  assert.deepEqual(run.events[0], {
    kind: "assigned",
    partitions: [0, 1, 2],
    restarted: [0, 1, 2],
  });
  assert.deepEqual(kindsOf(run).sort(), [
    "assigned",
    "finished 0",
    "finished 1",
    "finished 2",
  ]);
});

test("KafkaSource, unbounded, reads from the start, then what comes", async () => {
  const topic = await newTopic("later", { partitions: 2 });
  const run = new KafkaSourceRun(brokers, { topic, bounded: false });
  await run.start();
  try {
    await waitUntil(() => run.events.length === 1);
    await waitUntil(() => [0, 1].every((each) => run.source.isCaughtUp(each)));
    assert.equal(run.source.isCaughtUp(2), false);
    await producer.send({ topic, messages: numbered(20, 0) });
    await waitUntil(() => run.records.length === 20);
    await producer.send({ topic, messages: numbered(30, 1) });
    await waitUntil(() => run.records.length === 50);
    await waitUntil(() => run.source.isCaughtUp(1));
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

test("KafkaSource loses nothing when a member joins its group and leaves", async () => {
  const topic = await newTopic("rebalance", { partitions: 4 });
  const options = { topic, bounded: false, group: `group-of-${topic}` };
  const first = new KafkaSourceRun(brokers, options);
  const second = new KafkaSourceRun(brokers, options);
  let sent = 0;
  const send = async () => {
    const messages = [0, 1, 2, 3].flatMap((each) => numbered(25, each));
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

test("KafkaSource reads a batch that is larger than any of its requests", async () => {
  const config = { "max.message.bytes": String(20 * 1024 * 1024) };
  const topic = await newTopic("oversized", { partitions: 2, config });
  await producer.send({ topic, messages: numbered(100, 0) });
  await producer.send({ topic, messages: numbered(100, 1) });
  const value = "y".repeat(6 * 1024 * 1024);
  for (const partition of [0, 1]) {
    await producer.send({
      topic,
      messages: [{ partition, key: "big", value }],
    });
  }
  await producer.send({ topic, messages: numbered(100, 0) });
  await producer.send({ topic, messages: numbered(100, 1) });
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
  await run.source.open();
  try {
    // While nothing is pulled, only a few answers are fetched in advance.
    await sleep(300);
    const held = process.memoryUsage().arrayBuffers - bytesBefore;
    assert.ok(held < 12e6, `holds ${held} bytes`);
    const partitions = [{ partition: 0, offset: "18" }];
    await admin.deleteTopicRecords({ topic, partitions });
    run.read();
    await run.ended();
  } finally {
    await run.close();
  }
  const offsets = run.records.map(({ offset }) => offset);
  assert.deepEqual(offsets.slice(-3), [offsets.length - 3, 18, 19]);
  assert.deepEqual(run.warnings, [
    `Records of topic "${topic}" were deleted before they were read: ` +
      `offset ${offsets.length - 2} of partition 0 is gone`,
  ]);
});

test("KafkaSource.open() names a topic that does not exist", async () => {
  const run = new KafkaSourceRun(brokers, { topic: "absent", bounded: true });
  await assert.rejects(run.start(), {
    name: "WorldError",
    message: `Cannot read topic "absent": it does not exist on ${brokers}, create it or pass --create-topics`,
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
