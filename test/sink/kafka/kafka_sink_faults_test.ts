import assert from "node:assert/strict";
import { test } from "node:test";
import { prepareOutputTopic } from "../../../src/kafka/topics.ts";
import { KafkaSink } from "../../../src/sink/kafka/kafka_sink.ts";
import { type Fault, faultySockets } from "../../support/faulty_sockets.ts";
import { kafkaConfig } from "../../support/kafka_config.ts";
import { readWithKcat } from "../../support/kcat.ts";
import { openSender } from "../../support/open_sender.ts";
import {
  expectedNumbers,
  numbersByKey,
  SessionFeed,
} from "../../support/session_feed.ts";
import { testKafka } from "../../support/test_kafka.ts";

const KEY_COUNT = 5;
const WRITES = 40;
const NOT_LEADER_FOR_PARTITION = 6;
const REQUEST_TIMED_OUT = 7;
const NOT_ENOUGH_REPLICAS_AFTER_APPEND = 20;
const DUPLICATE_SEQUENCE_NUMBER = 46;

/** Writes sessions while answers get lost or changed; all must be there once. */
async function writeThrough(faultOf: (n: number) => Fault | undefined) {
  const { brokers, newTopic } = await testKafka();
  const topic = await newTopic("sessions", { partitions: 3 });
  let faults = 0;
  const socketFactory = faultySockets((n) => {
    const fault = faultOf(n);
    if (fault) faults++;
    return fault;
  });
  const kafka = kafkaConfig(brokers, { security: { socketFactory } });
  const output = await prepareOutputTopic(kafka, { topic, partitionCount: 1 });
  const sender = await openSender(kafka);
  const sink = new KafkaSink(sender, { topic, ...output });
  await sink.open();
  const feed = new SessionFeed({ ...output, keyCount: KEY_COUNT });
  for (let i = 0; i < WRITES; i += 2) {
    await Promise.all([sink.write(feed.next(9)), sink.write(feed.next(9))]);
  }
  await sink.close();
  await sender.close();
  const records = await readWithKcat(brokers, topic);
  assert.ok(faults > 2);
  const expected = expectedNumbers(feed.made, KEY_COUNT);
  assert.deepEqual(numbersByKey(records), expected);
}

test("KafkaSink writes each session once when acknowledgements get lost", async () => {
  await writeThrough((n) => (n % 5 === 1 ? { kind: "lost" } : undefined));
});

for (const [name, code] of Object.entries({
  NOT_LEADER_FOR_PARTITION,
  REQUEST_TIMED_OUT,
  NOT_ENOUGH_REPLICAS_AFTER_APPEND,
  DUPLICATE_SEQUENCE_NUMBER,
})) {
  test(`KafkaSink writes each session once over ${name}`, async () => {
    await writeThrough((n) =>
      n % 5 === 1 ? { kind: "error", code } : undefined,
    );
  });
}
