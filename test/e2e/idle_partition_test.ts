import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { readWithKcat } from "../support/kcat.ts";
import { testKafka } from "../support/test_kafka.ts";
import { waitUntil } from "../support/wait_until.ts";
import {
  Command,
  generate,
  jobArguments,
  jobOutcome,
  runJob,
} from "./command.ts";
import { produce, testClient } from "./produce.ts";

const { brokers, newTopic } = await testKafka();
const admin = testClient(brokers).admin();
before(() => admin.connect());
after(() => admin.disconnect());

/** Few visitors, so that a few thousand visits span hours of event time. */
const VISITS = ["--count", "5000", "--active", "50", "--brokers", brokers];
const STOP_MAX_MS = 20_000;

/** Visits in two of three partitions; the third has never had a record. */
async function topicWithEmptyPartition(): Promise<string> {
  const topic = await newTopic("visits", { partitions: 2 });
  await generate([...VISITS, "--to", `kafka:${topic}`]);
  const topicPartitions = [{ topic, count: 3 }];
  await admin.createPartitions({ topicPartitions });
  await waitUntil(async () => {
    // Its leader may not have heard of it.
    const ends = await admin.fetchTopicOffsets(topic).catch(() => []);
    return ends.length === 3;
  });
  return topic;
}

/** Starts a job in a group of its own. */
function startJob(topic: string, flags: readonly string[]) {
  const group = `group-${randomUUID()}`;
  const job = new Command(
    jobArguments([
      ...["--brokers", brokers, "--from", `kafka:${topic}`, "--group", group],
      ...["--workers", "2", ...flags],
    ]),
  );
  return { job, group };
}

/** Number of members of a group that has settled, else -1. */
async function membersOf(group: string): Promise<number> {
  const { groups } = await admin.describeGroups([group]);
  const { state, members = [] } = groups[0] ?? {};
  return state === "Stable" || state === "Empty" ? members.length : -1;
}

/** Stops a job as an operator would. */
async function stop(job: Command) {
  job.kill("SIGTERM");
  const startedAtMs = performance.now();
  const outcome = jobOutcome(await job.ended());
  assert.ok(performance.now() - startedAtMs < STOP_MAX_MS);
  return outcome.summary;
}

test("run: an empty partition does not stall a bounded job", async () => {
  const topic = await topicWithEmptyPartition();
  const { summary } = await runJob([
    ...["--bounded", "--brokers", brokers, "--from", `kafka:${topic}`],
    ...["--to", "null", "--group", topic],
  ]);
  assert.equal(summary.inSessions, 5000);
  assert.equal(summary.openSessions, 0);
});

test("run: a bounded job of an empty topic ends at once", async () => {
  const topic = await newTopic("visits", { partitions: 3 });
  const { summary } = await runJob([
    ...["--bounded", "--brokers", brokers, "--from", `kafka:${topic}`],
    ...["--to", "-"],
  ]);
  assert.equal(summary.visitsIn, 0);
});

test("run: a silent partition holds sessions back until it counts as idle", async () => {
  const topic = await topicWithEmptyPartition();
  // The warning of it shows that a job has read this far.
  const messages = [{ partition: 0, value: "no visit" }];
  await produce(brokers, { topic, messages });
  const start = (idleTimeout: string) =>
    startJob(topic, ["--to", "-", "--idle-timeout", idleTimeout]).job;
  const waiting = start("0");
  const job = start("1s");
  await job.hasWritten(1);
  await waiting.until(() => waiting.stderr.includes("not_json"));
  const summary = await stop(job);
  assert.ok(summary.inSessions > 0);
  // The last 20 minutes of event time are still open, and stay it.
  assert.ok(summary.inOpenWindows > 0 && summary.openSessions > 0);
  assert.equal(summary.visitsIn, 5001);
  const patient = await stop(waiting);
  assert.equal(patient.sessions, 0);
  assert.equal(patient.inOpenWindows, patient.visitsIn - 1);
});

test("run: a job that starts before its topic has records picks them up", async () => {
  const topic = await newTopic("visits", { partitions: 2 });
  const sessions = await newTopic("sessions", { partitions: 2 });
  const { job, group } = startJob(topic, ["--to", `kafka:${sessions}`]);
  await job.until(async () => (await membersOf(group)) === 1);
  await generate([...VISITS, "--to", `kafka:${topic}`]);
  await job.until(
    async () => (await readWithKcat(brokers, sessions)).length > 0,
  );
  const summary = await stop(job);
  assert.equal(summary.visitsIn, 5000);
  assert.ok(summary.inOpenWindows > 0);
  const records = await readWithKcat(brokers, sessions);
  assert.equal(records.length, summary.sessions);
  // A group that was left has no member that others would wait for.
  assert.equal(await membersOf(group), 0);
});
