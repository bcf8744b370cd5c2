import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { kafkaClients } from "../../support/kafka_clients.ts";
import { KafkaSourceRun } from "../../support/kafka_source_run.ts";
import { testKafka } from "../../support/test_kafka.ts";
import { waitUntil } from "../../support/wait_until.ts";

const { brokers, newTopic } = await testKafka();
const { admin } = kafkaClients(brokers);

/** How many members the brokers count in the group. */
async function memberCount(group: string): Promise<number> {
  const { groups } = await admin.describeGroups([group]);
  return groups[0]?.members?.length ?? 0;
}

test("KafkaSource leaves its group however far it has come in", async () => {
  const topic = await newTopic("early", { partitions: 2 });
  // From before its first request to behind the assignment.
  for (const waitMs of [0, 1, 3, 6, 10, 20, 40, 80]) {
    const group = `early-${waitMs}-of-${topic}`;
    const run = new KafkaSourceRun(brokers, { topic, bounded: false, group });
    await run.open();
    await sleep(waitMs);
    await run.source.close();
    assert.equal(await memberCount(group), 0, `after ${waitMs} ms`);
  }
});

test("KafkaSource leaves its group while that waits for another member", async (t) => {
  const topic = await newTopic("waiting", { partitions: 2 });
  const group = `group-of-${topic}`;
  const options = { topic, bounded: false, group };
  const first = new KafkaSourceRun(brokers, options);
  const second = new KafkaSourceRun(brokers, options);
  const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
  t.after(() => Promise.all([first.close(), second.close()]));
  t.after(() => letGo());
  first.source.onRejoin(() => held);
  await first.start();
  await waitUntil(() => first.owned.length === 2);
  await second.start();
  await waitUntil(async () => (await memberCount(group)) === 2);
  const startMs = performance.now();
  await second.close();
  assert.ok(performance.now() - startMs < 2_000, "closes in 2 seconds");
  assert.equal(await memberCount(group), 1);
});
