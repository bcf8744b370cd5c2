import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import type { Admin } from "kafkajs";
import { testKafka } from "../support/test_kafka.ts";
import { topicIdOf } from "../support/topic_id.ts";
import { Command, jobArguments, jobOutcome } from "./command.ts";
import { produce, testClient, visitJson } from "./produce.ts";

const kafka = await testKafka();
const { brokers } = kafka;

async function withAdmin(work: (admin: Admin) => Promise<unknown>) {
  const admin = testClient(brokers).admin();
  await admin.connect();
  await work(admin);
  await admin.disconnect();
}

/** Sends so many visits, a minute apart, each of a visitor of its own. */
async function sendVisits(
  topic: string,
  options: { name: string; count: number; partition?: number },
) {
  const { name, count, partition = 0 } = options;
  const messages = Array.from({ length: count }, (_, minute) => ({
    partition,
    value: visitJson(`${name}-${minute}`, { minute }),
  }));
  await produce(brokers, { topic, messages });
}

/** A job that reads the topic without end; lines of sessions on stdout. */
function startJob(topic: string, flags: readonly string[]): Command {
  return new Command(
    jobArguments([
      ...["--brokers", brokers, "--from", `kafka:${topic}`, "--to", "-"],
      ...["--group", topic, "--metadata-interval", "1s", "--workers", "2"],
      ...flags,
    ]),
  );
}

/** Exactly the sessions of these visitors were written. */
function assertWritten(
  { stdout, stderr }: { readonly stdout: string; readonly stderr: string },
  expected: readonly string[],
): void {
  const lines = stdout.split("\n").slice(0, -1);
  const written = lines.map((line) => String(JSON.parse(line).visit_id));
  const all = { written: written.sort() };
  const more = written.length === expected.length ? {} : { stdout, stderr };
  assert.deepEqual({ ...all, ...more }, { written: [...expected].sort() });
}

function visitors(name: string, count: number): string[] {
  return Array.from(
    { length: count },
    (_, minute) => `${name}-${minute}`,
  ).sort();
}

/** The topics, by their ids, that the sessions say they are of: each once. */
function topicsOf({ stdout }: { stdout: string }, name: string): unknown[] {
  const lines = stdout.split("\n").slice(0, -1);
  const sessions = lines.map((line) => JSON.parse(line));
  const ofName = sessions.filter((each) => each.visit_id.startsWith(name));
  return [...new Set(ofName.map((each) => each.metadata["source-topic-id"]))];
}

/** Sessions that are over where a visit of minute `last` was read. */
const overBy = (last: number) => last - 10;

/**
 * Twenty visits are read, which closes the sessions of the first nine visitors;
 * then the topic is made anew, with thirty others.
 */
async function madeAnew(flags: readonly string[]) {
  const topic = `anew-${randomUUID()}`;
  await kafka.createTopic(topic, { partitions: 1 });
  await sendVisits(topic, { name: "old", count: 20 });
  const job = startJob(topic, ["--out-of-orderness", "1m", ...flags]);
  await job.hasWritten(overBy(19));
  const oldId = await topicIdOf(brokers, topic);
  await withAdmin((admin) => admin.deleteTopics({ topics: [topic] }));
  await kafka.createTopic(topic, { partitions: 1 });
  await sendVisits(topic, { name: "new", count: 30 });
  return { job, oldId, newId: await topicIdOf(brokers, topic) };
}

test("run: a topic made anew stops the job, and none of it is read", async () => {
  const { job } = await madeAnew([]);
  const { exitCode, stderr } = await job.ended();
  assert.equal(exitCode, 1);
  assert.match(stderr, /any further: it was deleted and created anew/);
  assert.equal(overBy(19), 9);
  assertWritten(job, visitors("old", 9));
});

test("run: --on-new-topic flush emits the old sessions, then reads the new topic", async () => {
  const { job, oldId, newId } = await madeAnew([
    ...["--on-new-topic", "flush", "--with-metadata"],
    ...["--guarantee", "none"],
  ]);
  await job.hasWritten(20 + overBy(29));
  job.kill("SIGTERM");
  const { summary } = jobOutcome(await job.ended());
  assertWritten(job, [...visitors("old", 20), ...visitors("new", 19)]);
  assert.deepEqual(topicsOf(job, "old"), [oldId]);
  assert.deepEqual(topicsOf(job, "new"), [newId]);
  assert.notEqual(newId, oldId);
  assert.equal(summary.visitsIn, 50);
  assert.equal(summary.inOpenWindows, 11);
});

for (const guarantee of ["none", "at-least-once"]) {
  test(`run: --on-new-topic drop drops the old sessions, and reads the new topic, ${guarantee}`, async () => {
    const { job, oldId, newId } = await madeAnew([
      ...["--on-new-topic", "drop", "--with-metadata"],
      ...["--guarantee", guarantee],
    ]);
    await job.hasWritten(overBy(19) + overBy(29));
    job.kill("SIGTERM");
    const { summary } = jobOutcome(await job.ended());
    assertWritten(job, [...visitors("old", 9), ...visitors("new", 19)]);
    assert.deepEqual(topicsOf(job, "old"), [oldId]);
    assert.deepEqual(topicsOf(job, "new"), [newId]);
    assert.notEqual(newId, oldId);
    assert.equal(summary.visitsIn, 50);
    // What came back from the log and was dropped then is in both numbers.
    assert.equal(summary.dropped - summary.restoredVisits, 11);
    assert.equal(summary.inOpenWindows, 11);
  });
}

test("run: visits of a partition that was added are not late for being found late", async () => {
  const topic = `growing-${randomUUID()}`;
  await kafka.createTopic(topic, { partitions: 1 });
  const job = startJob(topic, [
    ...["--out-of-orderness", "1m", "--gap", "1m", "--guarantee", "none"],
  ]);
  await sendVisits(topic, { name: "first", count: 300 });
  // The watermark is hours past the visits of the new partition.
  await job.hasWritten(290);
  await withAdmin((admin) =>
    admin.createPartitions({ topicPartitions: [{ topic, count: 2 }] }),
  );
  await sendVisits(topic, { name: "added", count: 300, partition: 1 });
  await job.hasWritten(580);
  job.kill("SIGTERM");
  const { summary } = jobOutcome(await job.ended());
  assert.equal(summary.visitsIn, 600);
  assert.equal(summary.late, 0);
  assert.match(job.stderr, /has 2 partitions now, it had 1/);
});
