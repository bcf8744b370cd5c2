import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startKafka } from "../../../docker/local_kafka/kafka_broker.ts";
import { readLog } from "../../../src/source/kafka/log_reader.ts";
import { produce } from "../../e2e/produce.ts";
import { kafkaConfig } from "../../support/kafka_config.ts";
import { numberedMessages } from "../../support/numbered_messages.ts";
import { TEST_BROKER } from "../../support/test_kafka.ts";

test("readLog() waits for brokers that are away, and says so", async () => {
  const topics = [{ name: "log", partitions: 1 }];
  const broker = await startKafka({ ...TEST_BROKER, topics });
  const { brokers } = broker;
  const lines: string[] = [];
  const log = {
    info: (text: string) => lines.push(text),
    warn: (text: string) => lines.push(text),
  };
  let count = 0;
  let reading = Promise.resolve();
  try {
    const messages = numberedMessages(50);
    await produce(brokers, { topic: "log", messages });
    await broker.restart({
      kill: true,
      async meanwhile() {
        reading = readLog(
          { kafka: kafkaConfig(brokers), topic: "log", framesMax: 4, log },
          [{ partition: 0, from: 10, end: 50 }],
          async (chunk) => {
            count += chunk.count;
            chunk.release();
          },
        );
        reading.catch(() => {});
        await sleep(2_500);
      },
    });
    await reading;
  } finally {
    await broker.stop();
  }
  assert.equal(count, 40);
  assert.match(lines[0] ?? "", /^Kafka at .* does not answer: /);
});
