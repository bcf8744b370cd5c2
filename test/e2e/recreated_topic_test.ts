import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { kafkaClients } from "../support/kafka_clients.ts";
import { testKafka } from "../support/test_kafka.ts";
import { Command, jobArguments, jobOutcome } from "./command.ts";
import { committedOffsets } from "./committed.ts";
import { testClient, visitJson } from "./produce.ts";

const kafka = await testKafka();
const { brokers } = kafka;
const { admin } = kafkaClients(brokers);

/** Makes the topic, with visits of so many visitors in each partition. */
async function make(topic: string, count: number): Promise<void> {
  await kafka.createTopic(topic, { partitions: 2 });
  const messages = Array.from({ length: 2 * count }, (_, number) => ({
    partition: number % 2,
    value: visitJson(`v${number}`, { minute: number }),
  }));
  // One of its own, which knows nothing of the topic that had the name before.
  const producer = testClient(brokers).producer({
    idempotent: true,
    maxInFlightRequests: 1,
  });
  await producer.connect();
  await producer.send({ topic, messages });
  await producer.disconnect();
}

test("run: --on-new-topic drop goes on whenever the topic was made anew between two runs", async () => {
  const visits = `made-anew-${randomUUID()}`;
  const sessions = await kafka.newTopic("sessions", { partitions: 1 });
  let openBefore = 0;
  for (const count of [30, 20, 10, 5]) {
    await make(visits, count);
    const job = new Command(
      jobArguments([
        ...["--brokers", brokers, "--from", `kafka:${visits}`],
        ...["--to", `kafka:${sessions}`, "--group", visits],
        ...["--on-new-topic", "drop", "--workers", "1"],
      ]),
    );
    // Offsets of a topic go with it, so all of it is read.
    await job.until(async () => {
      const offsets = await committedOffsets(admin, visits);
      return offsets.filter((each) => each === count).length === 2;
    });
    job.kill("SIGTERM");
    const { summary, stderr } = jobOutcome(await job.ended());
    assert.equal(summary.visitsIn, 2 * count);
    const isFirst = count === 30;
    assert.equal(/its open sessions are dropped/.test(stderr), !isFirst);
    assert.equal(summary.droppedForGood, openBefore);
    openBefore = summary.inOpenWindows;
    await admin.deleteTopics({ topics: [visits] });
  }
});

test("run: --on-new-topic drop counts what goes with a topic that is made anew meanwhile", async () => {
  const visits = `made-anew-${randomUUID()}`;
  const sessions = await kafka.newTopic("sessions", { partitions: 1 });
  await make(visits, 8);
  const job = new Command(
    jobArguments([
      ...["--brokers", brokers, "--from", `kafka:${visits}`],
      ...["--to", `kafka:${sessions}`, "--group", visits],
      ...["--on-new-topic", "drop", "--metadata-interval", "500ms"],
    ]),
  );
  const areCommitted = async (count: number) => {
    const offsets = await committedOffsets(admin, visits);
    return offsets.filter((each) => each === count).length === 2;
  };
  await job.until(() => areCommitted(8));
  await admin.deleteTopics({ topics: [visits] });
  await make(visits, 3);
  await job.until(() => areCommitted(3));
  job.kill("SIGTERM");
  const { summary, stderr } = jobOutcome(await job.ended());
  // None was closed: they are within the watermark's distance.
  assert.equal(summary.droppedForGood, 16);
  assert.equal(summary.inOpenWindows, 6);
  assert.match(
    stderr,
    /16 visits in open sessions of the topic .+ are dropped/,
  );
});
