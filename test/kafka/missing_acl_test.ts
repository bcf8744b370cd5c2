import assert from "node:assert/strict";
import { after, test } from "node:test";
import { WALL_CLOCK } from "../../src/clock.ts";
import { WorldError } from "../../src/errors.ts";
import { missingAcl } from "../../src/kafka/missing_acl.ts";
import { brokerOutage } from "../../src/kafka/outage.ts";
import { prepareOutputTopic } from "../../src/kafka/topics.ts";
import { Transactions } from "../../src/kafka/transactions.ts";
import {
  deleteRecords,
  prepareLogTopic,
} from "../../src/kafka/window_log_topic.ts";
import {
  ADA,
  followAdvice,
  startGuardedKafka,
} from "../support/guarded_kafka.ts";
import { kafkaClients } from "../support/kafka_clients.ts";
import { kafkaConfig } from "../support/kafka_config.ts";
import { recordBatchOf } from "../support/record_batch_of.ts";
import {
  type Job,
  NOBODY,
  newJob,
  offsetAt,
  valuesOf,
} from "../support/transaction_life.ts";

const kafka = await startGuardedKafka();
after(() => kafka.stop());
const { admin } = kafkaClients(kafka.open);

/** Does once all that a run with a guarantee asks of Kafka, as ada. */
async function runOnce(job: Job): Promise<void> {
  const { group, visits, sessions, transactionalId } = job;
  const config = kafkaConfig(kafka.guarded, { group, security: ADA });
  const warn = () => {};
  const life = new Transactions({
    kafka: config,
    topic: visits,
    transactionalId,
    timeoutMs: 60_000,
    outage: brokerOutage([kafka.guarded], { clock: WALL_CLOCK, warn }),
    warn,
  });
  try {
    await life.open();
    const windows = `${group}-windows`;
    const log = await prepareLogTopic(config, {
      topic: windows,
      partitionCount: 2,
      like: { topic: sessions, purpose: "write to" },
    });
    const output = await prepareOutputTopic(config, {
      topic: sessions,
      partitionCount: 2,
    });
    await life.committed([0], NOBODY);
    for (const [topic, found] of [
      [windows, log],
      [sessions, output],
    ] as const) {
      const writer = life.sender.writer({ topic, things: "records", ...found });
      await writer.write([{ partition: 0, bytes: recordBatchOf(["a"]) }]);
    }
    await life.commit(offsetAt(1), job.seat);
    await deleteRecords(life.cluster, windows, new Map([[0, 1]]));
  } finally {
    await life.close();
  }
}

test("each ACL that is missing is named, and adding it helps", async () => {
  const job = await newJob(kafka.open);
  const added: string[] = [];
  for (let isDone = false; !isDone; ) {
    try {
      await runOnce(job);
      isDone = true;
    } catch (error) {
      assert.ok(error instanceof WorldError, String(error));
      const advice = await followAdvice(admin, error.message);
      assert.ok(advice !== null, error.message);
      assert.ok(!added.includes(`${advice}: ${error.message}`), error.message);
      added.push(`${advice}: ${error.message}`);
    }
  }
  const { transactionalId, group, visits, sessions } = job;
  const id = `the transactional ids that begin with "${group}-" (a prefixed ACL)`;
  const log = `topic "${group}-windows"`;
  const end = "it is forbidden; add an ACL that allows";
  assert.deepEqual(
    added.map((each) => each.slice(each.indexOf(": ") + 2)),
    [
      `Cannot begin transactions as "${transactionalId}": ${end} Write and Describe on ${id}`,
      `Cannot use group "${group}": ${end} Read on group "${group}"`,
      `Cannot write to ${log}: ${end} Write and Describe on ${log}`,
      `Cannot write to topic "${sessions}": ${end} Write and Describe on topic "${sessions}"`,
      `Cannot create ${log}: ${end} Create on ${log}`,
      `Cannot read the offsets of group "${group}": ${end} Read and Describe on topic "${visits}"`,
      `Cannot delete records of ${log}: ${end} Delete on ${log}`,
    ],
  );
  // The last but one had committed when it was not let delete.
  assert.deepEqual(await valuesOf(job, sessions), ["0:a", "0:a"]);
});

test("missingAcl() names no resource that it does not know", () => {
  const begins = "it is forbidden; add an ACL that allows";
  const texts = [
    ["TOPIC", "Write and Describe on the topic"],
    ["GROUP", "Read on the group"],
    [
      "TRANSACTIONAL_ID",
      "Write and Describe on the transactional ids of the group",
    ],
  ];
  for (const [resource, end] of texts) {
    const type = `${resource}_AUTHORIZATION_FAILED`;
    assert.equal(missingAcl(type, {}), `${begins} ${end}`);
  }
});

test("missingAcl() names what idempotent writes need of old brokers", () => {
  assert.equal(
    missingAcl("CLUSTER_AUTHORIZATION_FAILED", {}),
    "it is forbidden; add an ACL that allows IdempotentWrite on the cluster",
  );
  assert.equal(missingAcl("NOT_LEADER_FOR_PARTITION", {}), null);
  assert.equal(missingAcl(null, {}), null);
});
