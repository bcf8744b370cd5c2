import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";
import type { KafkaConfig } from "../../src/config/config.ts";
import { DEFAULT_GENERATOR } from "../../src/config/generator_defaults.ts";
import { runGenerate } from "../../src/generate/generate.ts";
import { murmur2, partitionOf } from "../../src/record/partitioner.ts";
import { testKafka } from "../support/test_kafka.ts";
import { collect } from "./collect.ts";

const PARTITIONS = 3;
const MAX_OUTPUT_BYTES = 256 << 20;

function kafkaConfig(brokers: string, createTopics = false): KafkaConfig {
  return {
    brokers: brokers.split(","),
    group: "unused",
    createTopics,
    security: {},
  };
}

/** Partition, key and value of all records, in the order of each partition. */
async function consume(brokers: string, topic: string): Promise<string[][]> {
  const { stdout } = await promisify(execFile)(
    "kcat",
    ["-b", brokers, "-C", "-t", topic, "-e", "-q"].concat(
      ["-o", "beginning", "-X", "check.crcs=true"],
      ["-f", "%p\t%k\t%s\n"],
    ),
    { maxBuffer: MAX_OUTPUT_BYTES },
  );
  const lines = stdout.trim().split("\n");
  return lines.map((line) => line.split("\t"));
}

test("runGenerate() sends each record to the partition of its key, in order", async () => {
  const { brokers, newTopic } = await testKafka();
  const topic = await newTopic("generated", { partitions: PARTITIONS });
  const generator = {
    ...DEFAULT_GENERATOR,
    count: 30_000,
    duplicatePercent: 3,
    missingPercent: 3,
    unprocessablePercent: 3,
  };
  const summary = await runGenerate({
    generator,
    to: { kind: "kafka", topic },
    kafka: kafkaConfig(brokers),
    signal: new AbortController().signal,
  });
  const { records } = collect(30_000, generator);
  assert.equal(summary.records, records.length);
  const received = await consume(brokers, topic);
  assert.equal(received.length, records.length);
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const expected = records.filter(({ key }) => {
      const bytes = Buffer.from(key);
      const hash = murmur2(bytes, 0, bytes.length);
      return partitionOf(hash, PARTITIONS) === partition;
    });
    const got = received.filter(([number]) => Number(number) === partition);
    assert.ok(expected.length > 5000);
    assert.deepEqual(
      got.map(([, key, value]) => ({ key, value })),
      expected,
    );
  }
});

test("runGenerate() cuts batches to what the topic takes", async () => {
  const { brokers, newTopic } = await testKafka();
  const config = { "max.message.bytes": "4000" };
  const topic = await newTopic("narrow", { partitions: 1, config });
  await runGenerate({
    generator: { ...DEFAULT_GENERATOR, count: 500 },
    to: { kind: "kafka", topic },
    kafka: kafkaConfig(brokers),
    signal: new AbortController().signal,
  });
  assert.equal((await consume(brokers, topic)).length, 500);
});

test("runGenerate() sends at a rate without waiting for a full frame", async () => {
  const { brokers, newTopic } = await testKafka();
  const topic = await newTopic("slow", { partitions: 2 });
  const generator = { ...DEFAULT_GENERATOR, count: 50, ratePerSecond: 200 };
  const { elapsedMs } = await runGenerate({
    generator,
    to: { kind: "kafka", topic },
    kafka: kafkaConfig(brokers),
    signal: new AbortController().signal,
  });
  assert.ok(elapsedMs >= 245, `it took ${elapsedMs} ms`);
  assert.equal((await consume(brokers, topic)).length, 50);
});

test("runGenerate() fails with one sentence when there is no topic or broker", async () => {
  const { brokers } = await testKafka();
  const options = {
    generator: { ...DEFAULT_GENERATOR, count: 5 },
    to: { kind: "kafka", topic: "not-there" },
    signal: new AbortController().signal,
  } as const;
  await assert.rejects(
    runGenerate({ ...options, kafka: kafkaConfig(brokers) }),
    { name: "WorldError", message: /"not-there": it does not exist/ },
  );
  await assert.rejects(
    runGenerate({ ...options, kafka: kafkaConfig("127.0.0.1:1") }),
    { name: "WorldError", message: /^Cannot reach Kafka at 127.0.0.1:1: / },
  );
});
