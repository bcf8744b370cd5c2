import assert from "node:assert/strict";
import { after, test } from "node:test";
import { startKafka } from "../../../docker/local_kafka/kafka_broker.ts";
import { prepareOutputTopic } from "../../../src/kafka/topics.ts";
import { KafkaSink } from "../../../src/sink/kafka/kafka_sink.ts";
import { kafkaConfig } from "../../support/kafka_config.ts";
import { readWithKcat } from "../../support/kcat.ts";
import { openSender } from "../../support/open_sender.ts";
import {
  expectedNumbers,
  numbersByKey,
  SessionFeed,
} from "../../support/session_feed.ts";
import { TEST_BROKER } from "../../support/test_kafka.ts";

const KEY_COUNT = 5;
const RESTARTS = ["orderly", "killed"] as const;

// A broker of this file's own: the shared one serves other tests meanwhile.
const broker = await startKafka(TEST_BROKER);
after(() => broker.stop());

for (const restart of RESTARTS) {
  test(`KafkaSink writes each session once over a broker that is ${restart}`, async () => {
    const { brokers } = broker;
    const topic = `sessions-${restart}`;
    await broker.createTopic(topic, { partitions: 2 });
    const kafka = kafkaConfig(brokers);
    const partitionCount = 1;
    const output = await prepareOutputTopic(kafka, { topic, partitionCount });
    const sender = await openSender(kafka);
    const sink = new KafkaSink(sender, { topic, ...output });
    await sink.open();
    const feed = new SessionFeed({ ...output, keyCount: KEY_COUNT });
    let isUp = false;
    const restarted = broker
      .restart({ kill: restart === "killed" })
      .finally(() => {
        isUp = true;
      });
    // Writes go on before, while it is away, and a while after.
    for (let after = 0; after < 20; after += isUp ? 1 : 0) {
      await sink.write(feed.next(200, 500));
    }
    await restarted;
    await sink.close();
    await sender.close();
    const records = await readWithKcat(brokers, topic);
    assert.ok(feed.made >= 4000);
    const expected = expectedNumbers(feed.made, KEY_COUNT);
    assert.deepEqual(numbersByKey(records), expected);
  });
}
