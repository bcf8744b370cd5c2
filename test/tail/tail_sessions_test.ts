import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { after, test } from "node:test";
import { Kafka, logLevel } from "kafkajs";
import { MAIN, readHeadOfChild, runChild } from "../cli/child_process.ts";
import { runInProcess } from "../cli/fake_world.ts";
import { kafkaClients } from "../support/kafka_clients.ts";
import { testKafka } from "../support/test_kafka.ts";
import { waitUntil } from "../support/wait_until.ts";
import { sessionHeaders, sessionValue } from "./tailed_session.ts";

const { brokers, newTopic } = await testKafka();
const { admin, producer } = kafkaClients(brokers);

function message(visitId: string, headers = sessionHeaders()) {
  const value = sessionValue({ visit_id: visitId });
  return { key: visitId, value, headers };
}

function flags(topic: string, ...more: string[]): string[] {
  return ["tail", `kafka:${topic}`, "--brokers", brokers, ...more];
}

function newClient(): Kafka {
  const list = brokers.split(",");
  return new Kafka({ brokers: list, logLevel: logLevel.NOTHING });
}

/** A tail at work, and what it has put out. */
function startTail(...argv: string[]) {
  const env = { PATH: process.env.PATH };
  const child = spawn(process.execPath, [MAIN, ...argv], { env });
  const out = { stdout: "", stderr: "" };
  child.stdout.on("data", (bytes) => {
    out.stdout += bytes;
  });
  child.stderr.on("data", (bytes) => {
    out.stderr += bytes;
  });
  const exit = once(child, "exit");
  after(() => child.kill("SIGKILL"));
  return {
    out,
    async stop() {
      child.kill("SIGINT");
      return (await exit)[0];
    },
  };
}

test("tail shows the sessions that are there, up to the limit", async () => {
  const topic = await newTopic("tail", { partitions: 1 });
  await producer.send({
    topic,
    messages: [
      message("a"),
      { value: sessionValue({ visit_id: "b" }) },
      message("c"),
    ],
  });
  const limit = flags(topic, "--from-beginning", "--limit", "2");
  const { exitCode, stdout, stderr } = await runInProcess(limit);
  assert.equal(stderr, "");
  assert.equal(exitCode, 0);
  const words = stdout.split("\n").map((line) => line.split(/ {2,}/));
  const [first, second, end] = words;
  const when = ["2024-06-01", "01:02:03-01:12:44", "10m 41s", "3"];
  const pages = "home > ? > cart";
  assert.deepEqual(first, ["a", ...when, "0", "final", "gap", "0-12", pages]);
  assert.deepEqual(second, ["b", ...when, "-", "-", "-", "-", pages]);
  assert.deepEqual(end, [""]);
});

test("tail ends where a limit waits for sessions of a topic that has none", async () => {
  const topic = await newTopic("no-sessions", { partitions: 2 });
  const messages = Array.from({ length: 30 }, (_, at) => ({
    ...{ partition: at % 2, value: '{"visit_id":"a"}' },
  }));
  await producer.send({ topic, messages });
  const limit = flags(topic, "--from-beginning", "--limit", "2");
  const { exitCode, stdout, stderr } = await runInProcess(limit);
  assert.equal(exitCode, 1);
  assert.equal(stdout, "");
  assert.match(stderr, / a record of kafka:.* is no session: start_time/);
  assert.match(
    stderr,
    /^Cannot show 2 sessions of kafka:.*: none of its 30 records is a session/m,
  );
});

test("tail waits on where one record of many is a session", async () => {
  const topic = await newTopic("few-sessions", { partitions: 1 });
  const messages = [{ value: "no session" }, message("a"), { value: "{}" }];
  await producer.send({ topic, messages });
  const tail = startTail(...flags(topic, "--from-beginning", "--limit", "2"));
  await waitUntil(() => tail.out.stdout.includes("a"));
  await producer.send({ topic, messages: [message("b")] });
  await waitUntil(() => /^b /m.test(tail.out.stdout));
  assert.doesNotMatch(tail.out.stderr, /Cannot/);
});

test("tail --json prints records that jq can read, and --filter picks some", async () => {
  const topic = await newTopic("tail-json", { partitions: 3 });
  const late = sessionHeaders({ revision: "1", "close-reason": "late-update" });
  const messages = [message("a"), message("b"), message("a", late)];
  await producer.send({ topic, messages });
  const more = ["--json", "--filter", "a", "--limit", "2"];
  const argv = flags(topic, "--from-beginning", ...more);
  const { stdout } = await runInProcess(argv);
  const records = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    records.map(({ value, headers }) => [value.visit_id, headers.revision]),
    [
      ["a", "0"],
      ["a", "1"],
    ],
  );
  assert.deepEqual(records[1].headers, late);
  assert.equal(typeof records[0].offset, "number");
  assert.match(records[0].timestamp, /Z$/);
});

test("tail tells of records that are no sessions, and goes on", async () => {
  const topic = await newTopic("tail-bad", { partitions: 1 });
  const values = ["{", null, '{"visit_id": "a", "event_time": "x"}'];
  const messages = [...values.map((value) => ({ value })), message("good")];
  await producer.send({ topic, messages });
  const argv = flags(topic, "--from-beginning", "--limit", "1");
  const { exitCode, stdout, stderr } = await runInProcess(argv);
  assert.equal(exitCode, 0);
  assert.match(stdout, /^good .*\n$/);
  const lines = stderr.trimEnd().split("\n");
  assert.equal(lines.length, 2);
  assert.match(
    lines[0]!,
    /is no session: it is no JSON \(partition=0 offset=0\)$/,
  );
  assert.match(lines[1]!, /start_time .*, and 1 more before it .*offset=2\)$/);
});

test("tail waits for what is new, says so once, and Ctrl-C ends it", async () => {
  const topic = await newTopic("tail-new", { partitions: 2 });
  await producer.send({ topic, messages: [message("old")] });
  const { out, stop } = startTail(...flags(topic));
  await waitUntil(() => out.stderr.includes("waiting for sessions"));
  assert.match(out.stderr, /--from-beginning shows what is there already\n$/);
  await producer.send({ topic, messages: [message("new")] });
  await waitUntil(() => out.stdout.includes("new"));
  await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] });
  // The other one does not know of the partition yet.
  const fresh = newClient().producer();
  await fresh.connect();
  const added = { ...message("more"), partition: 2 };
  await fresh.send({ topic, messages: [added] });
  await fresh.disconnect();
  await waitUntil(() => out.stdout.includes("more"));
  assert.equal(await stop(), 0);
  assert.doesNotMatch(out.stdout, /old/);
  assert.equal(out.stderr.match(/waiting/g)!.length, 1);
  const { groups } = await admin.listGroups();
  assert.ok(!groups.some(({ groupId }) => groupId.includes("tail")));
});

test("tail shows nothing of an aborted transaction", async () => {
  const topic = await newTopic("tail-aborted", { partitions: 1 });
  const transactionalId = `tail-${topic}`;
  const writer = newClient().producer({
    transactionalId,
    maxInFlightRequests: 1,
  });
  await writer.connect();
  const aborted = await writer.transaction();
  await aborted.send({ topic, messages: [message("void")] });
  await aborted.abort();
  await writer.disconnect();
  await producer.send({ topic, messages: [message("real")] });
  const argv = flags(topic, "--from-beginning", "--limit", "1");
  assert.match((await runInProcess(argv)).stdout, /^real /);
});

test("tail ends in peace when its reader has seen enough", async () => {
  const topic = await newTopic("tail-pipe", { partitions: 1 });
  for (let batch = 0; batch < 5; batch++) {
    const messages = Array.from({ length: 1_000 }, () => message("v0"));
    await producer.send({ topic, messages });
  }
  const argv = flags(topic, "--from-beginning");
  const { exitCode, stdout, stderr } = await readHeadOfChild(argv, 100);
  assert.equal(exitCode, 0);
  assert.match(stdout, /^v0 /);
  assert.equal(stderr, "");
});

test("tail says what is wrong with its topic", async () => {
  const missing = await runChild(flags("no-such-topic"));
  assert.equal(missing.exitCode, 1);
  const sentence = `Cannot follow topic "no-such-topic": it does not exist on ${brokers}\n`;
  assert.equal(missing.stderr, sentence);
  for (const argument of ["sessions", "file:x", "-"]) {
    const { exitCode, stderr } = await runInProcess(["tail", argument]);
    assert.equal(exitCode, 2);
    const expected = `Cannot read the command line: the topic of the sessions must be "kafka:TOPIC", got "${argument}"\n`;
    assert.equal(stderr, expected);
  }
});
