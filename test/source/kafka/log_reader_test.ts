import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Chunk } from "../../../src/record/chunk.ts";
import {
  type LogRange,
  readLog,
} from "../../../src/source/kafka/log_reader.ts";
import { walkChunk } from "../../support/built_chunk.ts";
import {
  namedRecords,
  transactional,
  writeInterleaved,
} from "../../support/interleaved_log.ts";
import { kafkaClients } from "../../support/kafka_clients.ts";
import { kafkaConfig } from "../../support/kafka_config.ts";
import { testKafka } from "../../support/test_kafka.ts";
import { waitUntil } from "../../support/wait_until.ts";

const { brokers, newTopic } = await testKafka();
const { admin } = kafkaClients(brokers);

/** `partition offset` of what was read, and what was said meanwhile. */
async function readRanges(
  topic: string,
  ranges: readonly LogRange[],
  options: {
    signal?: AbortSignal;
    take?: (chunk: Chunk) => Promise<void>;
  } = {},
): Promise<{ records: string[]; bytes: number; lines: string[] }> {
  const records: string[] = [];
  const lines: string[] = [];
  let bytes = 0;
  const log = {
    info: (text: string) => lines.push(text),
    warn: (text: string) => lines.push(text),
  };
  const { signal, take } = options;
  const common = { kafka: kafkaConfig(brokers), topic, log, framesMax: 4 };
  const all = { ...common, ...(signal ? { signal } : {}) };
  await readLog(all, ranges, async (chunk) => {
    await take?.(chunk);
    bytes += chunk.byteLength;
    for (const each of walkChunk(chunk)) {
      records.push(`${each.partition} ${each.offset}`);
    }
    chunk.release();
  });
  return { records, bytes, lines };
}

function within(records: readonly string[], ranges: readonly LogRange[]) {
  return records.filter((record) => {
    const [partition, offset] = record.split(" ").map(Number);
    return ranges.some(
      (each) =>
        each.partition === partition &&
        each.from <= offset! &&
        offset! < each.end,
    );
  });
}

test("readLog() reads the committed records of its ranges, no others, in order", async () => {
  const topic = await newTopic("log", { partitions: 2 });
  const size = { rounds: 40, valueBytes: 100 };
  const committed = await writeInterleaved(brokers, topic, size);
  const [end] = await admin.fetchTopicOffsets(topic);
  const last = Number(end!.high);
  for (let from = 0; from < last; from += 17) {
    const ranges = [
      { partition: 0, from, end: Math.min(last, from + 60) },
      { partition: 1, from: Math.floor(from / 2), end: from },
    ];
    const { records } = await readRanges(topic, ranges);
    for (const partition of [0, 1]) {
      const of = (all: string[]) =>
        all.filter((each) => each.startsWith(`${partition} `));
      assert.deepEqual(of(records), of(within(committed, ranges)));
    }
  }
});

test("readLog() reads 30 MB between aborted records in seconds", async () => {
  const topic = await newTopic("log-large", { partitions: 2 });
  const size = { rounds: 45, valueBytes: 100_000 };
  const committed = await writeInterleaved(brokers, topic, size);
  const ends = await admin.fetchTopicOffsets(topic);
  const ranges = ends.map(({ partition, high }) => ({
    partition,
    from: 0,
    end: Number(high),
  }));
  const startMs = performance.now();
  const { records, bytes } = await readRanges(topic, ranges);
  const ms = performance.now() - startMs;
  assert.deepEqual(records.sort(), committed.sort());
  assert.ok(bytes > 25e6, `${bytes} bytes`);
  assert.ok(ms < 5_000, `${ms} ms`);
});

test("readLog() asks nobody for empty ranges", async () => {
  const { records } = await readRanges("no-such-topic", [
    { partition: 0, from: 5, end: 5 },
  ]);
  assert.deepEqual(records, []);
});

test("readLog() waits for a transaction before its end, not for one behind it", async () => {
  const topic = await newTopic("log-open", { partitions: 1 });
  const [first, second] = [
    await transactional(brokers),
    await transactional(brokers),
  ];
  const messages = [{ partition: 0, value: "v" }];
  const done = await first.transaction();
  await done.send({ topic, messages });
  await done.commit();
  const open = await second.transaction();
  await open.send({ topic, messages });
  const before = await readRanges(topic, [{ partition: 0, from: 0, end: 1 }]);
  assert.deepEqual(before.records, ["0 0"]);
  let isRead = false;
  const reading = readRanges(topic, [{ partition: 0, from: 0, end: 3 }]);
  reading.then(() => {
    isRead = true;
  });
  await sleep(6_000);
  assert.equal(isRead, false);
  await open.abort();
  const { records, lines } = await reading;
  assert.deepEqual(records, ["0 0"]);
  assert.match(
    lines[0] ?? "",
    /^Restoring from topic "log-open.*" for [56] s: 66 % read, 1 of 1 partitions to go; partition 0 waits at offset 2 for an open transaction to end$/,
  );
});

test("readLog() fails when records of its range were deleted, or were never there", async () => {
  const topic = await newTopic("log-gone", { partitions: 1 });
  const producer = await transactional(brokers);
  const transaction = await producer.transaction();
  const messages = Array.from({ length: 10 }, () => ({ value: "v" }));
  await transaction.send({ topic, messages });
  await transaction.commit();
  await waitUntil(async () => {
    const [offsets] = await admin.fetchTopicOffsets(topic);
    return offsets?.high === "11";
  });
  const partitions = [{ partition: 0, offset: "4" }];
  await admin.deleteTopicRecords({ topic, partitions });
  const range = (from: number, end: number) =>
    readRanges(topic, [{ partition: 0, from, end }]);
  const head = `Cannot restore from topic "${topic}": partition 0 is needed`;
  const cut =
    "it was cut, as an unclean leader election does, or the topic was deleted " +
    "and created anew";
  await assert.rejects(range(3, 10), {
    name: "WorldError",
    message: `${head} from offset 3 on, but its records before 4 were deleted`,
  });
  await assert.rejects(range(20, 30), {
    name: "WorldError",
    message: `${head} from offset 20 up to 30, but its log ends at 11: ${cut}`,
  });
  await assert.rejects(range(5, 30), {
    name: "WorldError",
    message: `${head} up to offset 30, but its log ends at 11: ${cut}`,
  });
  assert.deepEqual((await range(4, 10)).records, namedRecords(0, 4, 6));
});

test("readLog() fails when its topic, or a partition of it, is not there", async () => {
  const topic = await newTopic("log-missing", { partitions: 1 });
  for (const [name, partition] of [
    ["no-such-topic", 0],
    [topic, 1],
  ] as const) {
    await assert.rejects(readRanges(name, [{ partition, from: 0, end: 1 }]), {
      name: "WorldError",
      message: `Cannot restore from topic "${name}": the topic, or a partition that is needed, is not there`,
    });
  }
});

test("readLog() hands over one chunk at a time, and fails as its taker does", async () => {
  const topic = await newTopic("log-taker", { partitions: 2 });
  await writeInterleaved(brokers, topic, { rounds: 12, valueBytes: 100_000 });
  const ranges = [0, 1].map((partition) => ({ partition, from: 0, end: 20 }));
  let taken = 0;
  let isTaking = false;
  const failure = readRanges(topic, ranges, {
    async take() {
      assert.equal(isTaking, false);
      isTaking = true;
      await sleep(20);
      isTaking = false;
      if (++taken === 2) throw new Error("the shard is gone");
    },
  });
  await assert.rejects(failure, { message: "the shard is gone" });
});

test("readLog() ends when it is told to", async () => {
  const topic = await newTopic("log-abort", { partitions: 1 });
  const producer = await transactional(brokers);
  const open = await producer.transaction();
  await open.send({ topic, messages: [{ partition: 0, value: "v" }] });
  const abort = new AbortController();
  const { signal } = abort;
  const ranges = [{ partition: 0, from: 0, end: 1 }];
  const reading = readRanges(topic, ranges, { signal });
  await sleep(300);
  abort.abort(new Error("stopped"));
  await assert.rejects(reading, { message: "stopped" });
  await open.abort();
});
