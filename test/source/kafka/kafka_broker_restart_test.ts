import assert from "node:assert/strict";
import { test } from "node:test";
import { Kafka, logLevel } from "kafkajs";
import { startKafka } from "../../../docker/local_kafka/kafka_broker.ts";
import { KafkaSourceRun } from "../../support/kafka_source_run.ts";
import { TEST_BROKER } from "../../support/test_kafka.ts";
import { waitUntil } from "../../support/wait_until.ts";

/** Writes `count` records with a client that knows nothing of restarts. */
async function produce(brokers: string, topic: string, count: number) {
  const kafka = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING });
  const producer = kafka.producer();
  await producer.connect();
  const messages = Array.from({ length: count }, () => ({ value: "visit" }));
  await producer.send({ topic, messages });
  await producer.disconnect();
}

test("KafkaSource reads on where it was when the broker is killed and comes back", async () => {
  const topics = [{ name: "visits", partitions: 1 }];
  const broker = await startKafka({ ...TEST_BROKER, topics });
  const { brokers } = broker;
  const run = new KafkaSourceRun(brokers, {
    topic: "visits",
    bounded: false,
  });
  try {
    await produce(brokers, "visits", 40);
    await run.start();
    await waitUntil(() => run.records.length === 40);
    await broker.restart({ kill: true });
    await produce(brokers, "visits", 60);
    await waitUntil(() => run.records.length === 100, { timeoutMs: 60_000 });
    await waitUntil(() => run.isCaughtUp(0));
    // It is a member again, not only a reader.
    const joins = () => run.events.filter(({ kind }) => kind === "assigned");
    await waitUntil(() => joins().length >= 2, { timeoutMs: 60_000 });
    await produce(brokers, "visits", 1);
    await waitUntil(() => run.records.length === 101);
    await waitUntil(() => /again/.test(run.warnings.at(-1)!));
  } finally {
    await run.close();
    await broker.stop();
  }
  const offsets = run.records.map(({ offset }) => offset);
  assert.deepEqual(
    offsets,
    Array.from({ length: 101 }, (_, at) => at),
  );
  // One line when it went and one when it was back, whatever was in trouble.
  const lines = run.warnings.filter((text) => !/ for \d+ s:/.test(text));
  assert.equal(lines.length, 2, run.warnings.join("\n"));
  const name = `Kafka at ${brokers}`;
  assert.ok(lines[0]!.startsWith(`${name} does not answer: `), lines[0]);
  assert.match(lines[1]!, / answers again, after \d+\.\d\d s$/);
});
