import assert from "node:assert/strict";
import { test } from "node:test";
import type { Producer } from "kafkajs";
import { normalizedLastForms } from "../reference/last_forms.ts";
import { naiveLastForms } from "../reference/naive_sessionizer.ts";
import { LIKE_KEYS } from "../support/json_mutations.ts";
import { testKafka } from "../support/test_kafka.ts";
import { type JobOutcome, runJob } from "./command.ts";
import { produceWithKcat, testClient, visitJson } from "./produce.ts";
import { formsOfLines } from "./session_forms.ts";

const { brokers, newTopic } = await testKafka();
const GAP_MS = 600_000;

function boundedJob(
  topic: string,
  flags: readonly string[] = [],
): Promise<JobOutcome> {
  return runJob([
    ...["--bounded", "--brokers", brokers, "--from", `kafka:${topic}`],
    ...["--to", "-", "--with-metadata", ...flags],
  ]);
}

/** Visits of a few visitors, some minutes apart. */
function visitLines(prefix: string, firstMinute: number): string[] {
  return Array.from({ length: 100 }, (_, i) =>
    visitJson(`${prefix} ${i % 7}`, { minute: firstMinute + i, page: `${i}` }),
  );
}

/** The job's sessions are those of these visits. */
function assertSessionsOf(lines: readonly string[], outcome: JobOutcome): void {
  const visits = lines.map((line) => {
    const { visit_id, event_time, page, user_id } = JSON.parse(line);
    const ids = { visitId: visit_id, userId: user_id };
    return { ...ids, eventTime: event_time, page };
  });
  const forms = formsOfLines(outcome.stdout);
  assert.deepEqual(normalizedLastForms(forms), naiveLastForms(visits, GAP_MS));
  assert.equal(outcome.summary.visitsIn, lines.length);
}

test("run: sessions span batches of every codec", async () => {
  const topic = await newTopic("packed", { partitions: 1 });
  const all: string[] = [];
  for (const codec of ["gzip", "snappy", "lz4", "zstd", "none"]) {
    const lines = visitLines("visitor", all.length / 10);
    await produceWithKcat(brokers, { topic, codec, lines });
    all.push(...lines);
  }
  assertSessionsOf(all, await boundedJob(topic));
});

test("run: keys that are written alike are told apart, on two workers", async () => {
  const topic = await newTopic("alike", { partitions: 1 });
  const lines = LIKE_KEYS.filter((line) => /"p0"|"a0"/.test(line));
  await produceWithKcat(brokers, { topic, codec: "none", lines });
  const { summary, stdout } = await boundedJob(topic, ["--workers", "2"]);
  const sessions = stdout.trimEnd().split("\n");
  const ids = sessions.map((line) => JSON.parse(line).visit_id);
  assert.deepEqual(ids.sort(), ["b0", "p0"]);
  assert.equal(summary.rejected, 0);
});

/** Writes transactions by turns committed and aborted; the committed lines. */
async function writeTransactions(
  producer: Producer,
  topic: string,
): Promise<string[]> {
  const committed: string[] = [];
  // The last one is aborted: partitions end in records that nobody sees.
  for (let round = 0; round < 6; round++) {
    const isAborted = round % 2 === 1;
    const lines = visitLines(isAborted ? "aborted" : "committed", round);
    // A visitor's visits share a partition, as everywhere.
    const messages = lines.map((value, i) => ({
      value,
      partition: (i % 7) % 2,
    }));
    const transaction = await producer.transaction();
    await transaction.send({ topic, messages });
    if (isAborted) await transaction.abort();
    else await transaction.commit();
    if (!isAborted) committed.push(...lines);
  }
  return committed;
}

test("run: aborted transactions are not seen and do not keep a job from ending", async () => {
  const topic = await newTopic("transactions", { partitions: 2 });
  const producer = testClient(brokers).producer({
    transactionalId: topic,
    maxInFlightRequests: 1,
    idempotent: true,
  });
  await producer.connect();
  try {
    const committed = await writeTransactions(producer, topic);
    // One that is still open ends the stable part of its partition.
    const open = await producer.transaction();
    const messages = [{ value: visitJson("open"), partition: 0 }];
    await open.send({ topic, messages });
    const outcome = await boundedJob(topic);
    await open.abort();
    assertSessionsOf(committed, outcome);
  } finally {
    await producer.disconnect();
  }
});
