import assert from "node:assert/strict";
import { test } from "node:test";
import { prepareOutputTopic } from "../../../src/kafka/topics.ts";
import { KafkaSideSink } from "../../../src/sink/kafka/kafka_side_sink.ts";
import type { SideRecord } from "../../../src/sink/sink.ts";
import { kafkaConfig } from "../../support/kafka_config.ts";
import { readWithKcat } from "../../support/kcat.ts";
import { openSender } from "../../support/open_sender.ts";
import { type TestKafka, testKafka } from "../../support/test_kafka.ts";

async function openSideSink(
  { brokers, newTopic }: TestKafka,
  config: Record<string, string> = {},
) {
  const topic = await newTopic("late", { partitions: 2, config });
  const kafka = kafkaConfig(brokers);
  const output = await prepareOutputTopic(kafka, { topic, partitionCount: 1 });
  const sender = await openSender(kafka);
  const warnings: string[] = [];
  const warning = {
    warn: (text: string) => void warnings.push(text),
    flush: () => void warnings.push("flushed"),
  };
  const options = { topic, things: "late visits", ...output, warning };
  const sink = new KafkaSideSink(sender, options);
  await sink.open();
  return { topic, sink, sender, warnings };
}

function sideRecord(overrides: Partial<SideRecord>): SideRecord {
  return {
    reason: "late",
    topic: "visits",
    partition: 1,
    offset: 5_000_000_007,
    key: Buffer.from("v1"),
    value: Buffer.from('{"visit_id": "v1"}'),
    ...overrides,
  };
}

test("KafkaSideSink writes a record as it came in, with its origin", async () => {
  const kafka = await testKafka();
  const { topic, sink, sender } = await openSideSink(kafka);
  await sink.write([sideRecord({})]);
  await sink.close();
  await sender.close();
  const [record, ...others] = await readWithKcat(kafka.brokers, topic);
  assert.deepEqual(others, []);
  assert.equal(record!.key, "v1");
  assert.equal(record!.value, '{"visit_id": "v1"}');
  assert.deepEqual(record!.headers, [
    "reason=late",
    "origin-topic=visits",
    "origin-partition=1",
    "origin-offset=5000000007",
  ]);
});

test("KafkaSideSink keeps null keys and values, and order per key", async () => {
  const kafka = await testKafka();
  const { topic, sink, sender } = await openSideSink(kafka);
  await sink.write([
    sideRecord({ key: null, value: null, reason: "empty" }),
    sideRecord({ key: null, value: Buffer.from([0x7b, 0xff]) }),
    ...Array.from({ length: 500 }, (_, i) =>
      sideRecord({ offset: i, value: Buffer.from(String(i)) }),
    ),
  ]);
  await sink.close();
  await sender.close();
  const records = await readWithKcat(kafka.brokers, topic);
  const keyless = records.filter(({ key }) => key === "NULL");
  assert.equal(keyless.length, 2);
  assert.deepEqual(keyless.map(({ value }) => value === "NULL").toSorted(), [
    false,
    true,
  ]);
  const values = records
    .filter(({ key }) => key === "v1")
    .map(({ value }) => Number(value));
  assert.deepEqual(values, [...values.keys()]);
  assert.equal(values.length, 500);
});

test("KafkaSideSink tells the true length of a value that came cut", async () => {
  const kafka = await testKafka();
  const config = { "max.message.bytes": "20000" };
  const { topic, sink, sender } = await openSideSink(kafka, config);
  const valueBytes = 3_000_000;
  await sink.write([
    sideRecord({ valueBytes, offset: 1 }),
    sideRecord({ valueBytes, offset: 2, value: Buffer.alloc(30_000, "v") }),
  ]);
  await sink.close();
  await sender.close();
  const records = await readWithKcat(kafka.brokers, topic);
  assert.deepEqual(
    records.map(({ headers }) => headers.slice(3)),
    [
      ["origin-offset=1", "value-bytes=3000000"],
      ["origin-offset=2", "value-bytes=3000000", "key-bytes=2"],
    ],
  );
});

test("KafkaSideSink shortens what the topic does not take, and says so", async () => {
  const kafka = await testKafka();
  const config = { "max.message.bytes": "20000" };
  const { topic, sink, sender, warnings } = await openSideSink(kafka, config);
  await sink.write([
    sideRecord({
      reason: "sink_record_too_large",
      value: Buffer.alloc(30_000, "v"),
      headers: { "session-id": "0-12" },
    }),
    sideRecord({ key: Buffer.alloc(25_000, "k") }),
  ]);
  await sink.close();
  await sender.close();
  const records = await readWithKcat(kafka.brokers, topic);
  const byKeyLength = records.toSorted((a, b) => a.key.length - b.key.length);
  const [largeValue, largeKey] = byKeyLength;
  assert.equal(largeValue!.value.length, 4096);
  assert.deepEqual(largeValue!.headers.slice(4), [
    "session-id=0-12",
    "key-bytes=2",
    "value-bytes=30000",
  ]);
  assert.equal(largeKey!.key.length, 4096);
  assert.ok(largeKey!.headers.includes("key-bytes=25000"));
  const [first, second, ...rest] = warnings;
  assert.match(
    first!,
    /^topic ".+" \(late visits\) takes no record of 30002 bytes, its max\.message\.bytes is 20000: only the first 4096 of visits\[1\] at 5000000007 are kept there$/,
  );
  assert.match(second!, /takes no record of 25018 bytes/);
  assert.deepEqual(rest, ["flushed"]);
});
