import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { createTopics } from "../../docker/local_kafka/create_topic.ts";
import { encodeMetadata } from "../../src/checkpoint/offset_metadata.ts";
import { runInProcess } from "../cli/fake_world.ts";
import { testClient } from "../e2e/produce.ts";
import {
  ADA,
  followAdvice,
  startGuardedKafka,
} from "../support/guarded_kafka.ts";
import { kafkaClients } from "../support/kafka_clients.ts";
import { waitUntil } from "../support/wait_until.ts";
import { mark } from "./log_records.ts";

const kafka = await startGuardedKafka();
after(() => kafka.stop());
const { admin } = kafkaClients(kafka.open);
const folder = await mkdtemp(join(tmpdir(), "reset-acl-"));
after(() => rm(folder, { recursive: true }));
const secrets = join(folder, "kafka.json");
await writeFile(secrets, JSON.stringify(ADA));

/** A group that has committed what is in its window log. */
async function newGroup(): Promise<void> {
  const names = ["visits", "windows"];
  const topics = names.map((name) => ({ name, partitions: 1 }));
  await createTopics(kafka.open, topics);
  const by = "g-me";
  const value = mark(7, { by, offset: 0, topic: "visits" });
  const writer = testClient(kafka.open).producer({ transactionalId: by });
  await writer.connect();
  const transaction = await writer.transaction();
  await transaction.send({ topic: "windows", messages: [{ value }] });
  const place = { from: 0, end: 1, by, commit: 7, log: "windows" };
  // Its types lack the metadata.
  const committed = {
    ...{ partition: 0, offset: "0", metadata: encodeMetadata(place) },
  };
  const topicOffsets = [{ topic: "visits", partitions: [committed] }];
  await waitUntil(() =>
    transaction
      .sendOffsets({ consumerGroupId: "g", topics: topicOffsets })
      .then(
        () => true,
        () => false,
      ),
  );
  await transaction.commit();
  await writer.disconnect();
}

test("state reset names each ACL that is missing, and adding it helps", async () => {
  await newGroup();
  const added: string[] = [];
  for (;;) {
    const { exitCode, stderr } = await runInProcess([
      ...["state", "reset", "--yes", "--from", "kafka:visits"],
      ...["--brokers", kafka.guarded, "--kafka-config", secrets],
      ...["--group", "g", "--window-log", "windows"],
    ]);
    if (exitCode === 0) break;
    const advice = await followAdvice(admin, stderr);
    assert.ok(advice !== null, stderr);
    assert.ok(!added.includes(stderr), stderr);
    added.push(stderr);
  }
  const end = "it is forbidden; add an ACL that allows";
  assert.deepEqual(added, [
    `Cannot reset group "g": ${end} Read on group "g"\n`,
    `Cannot look at group "g": ${end} Read and Describe on topic "visits"\n`,
    `Cannot look at group "g": ${end} Read and Describe on topic "windows"\n`,
    `Cannot reset group "g": ${end} Write and Describe on the transactional ids that begin with "g-" (a prefixed ACL)\n`,
    `Cannot reset group "g": ${end} Read and Describe and Delete on topic "windows"\n`,
    `Cannot reset group "g": ${end} Read and Delete on group "g"\n`,
  ]);
});
