import assert from "node:assert/strict";
import process from "node:process";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startKafka } from "../../docker/local_kafka/kafka_broker.ts";
import { createKafka } from "../../src/kafka/client.ts";
import { kafkaConfig } from "../support/kafka_config.ts";
import { TEST_BROKER } from "../support/test_kafka.ts";
import { waitUntil } from "../support/wait_until.ts";
import { adminUrlOf } from "./admin_url.ts";
import { Command } from "./command.ts";

// A broker of this file's own: others could not do without it meanwhile.
const broker = await startKafka(TEST_BROKER);
after(() => broker.stop());

let topics = 0;

/** A job from a topic that is being filled to another one, both new. */
async function startJob(...options: string[]) {
  const { brokers } = broker;
  const number = topics++;
  const visits = `visits-${number}`;
  const sessions = `sessions-${number}`;
  for (const topic of [visits, sessions]) {
    await broker.createTopic(topic, { partitions: 1 });
  }
  const kafka = ["--brokers", brokers];
  const job = new Command(
    [
      ...["run", ...kafka, "--from", `kafka:${visits}`, "--gap", "1s"],
      ...["--to", `kafka:${sessions}`, "--out-of-orderness", "0s"],
      ...["--group", `group-${number}`, ...options],
    ],
    { deadlineMs: 120_000 },
  );
  const generator = new Command(
    ["generate", ...kafka, "--to", `kafka:${visits}`, "--rate", "500"],
    { deadlineMs: 120_000 },
  );
  const admin = createKafka(kafkaConfig(brokers)).admin();
  await admin.connect();
  const written = async () => {
    let count = Number.NaN;
    // A broker that has just begun leads nothing for a moment.
    await waitUntil(async () => {
      const offsets = await admin.fetchTopicOffsets(sessions).catch(() => []);
      count = Number(offsets[0]?.high);
      return !Number.isNaN(count);
    });
    return count;
  };
  await job.until(async () => (await written()) > 0);
  return { job, generator, sessions, admin, written };
}

/** The lines of a command's log that say this. */
function linesOf({ stderr }: Command, pattern: RegExp): string[] {
  return stderr.split("\n").filter((line) => pattern.test(line));
}

test("run: a broker that restarts is told in one line, and that it is back", async () => {
  const { job, generator, admin, written } = await startJob();
  await broker.restart({ kill: true });
  const before = await written();
  for (const each of [job, generator]) {
    await each.until(() => /answers again, after \d/.test(each.stderr));
    assert.equal(linesOf(each, /does not answer: /).length, 1, each.stderr);
    assert.equal(linesOf(each, /answers again/).length, 1, each.stderr);
    assert.doesNotMatch(each.stderr, /EventEmitter/);
  }
  await job.until(async () => (await written()) > before);
  await admin.disconnect();
  for (const each of [job, generator]) {
    each.kill("SIGINT");
    assert.equal((await each.ended()).exitCode, 0, each.stderr);
  }
});

test("run: a broker that is frozen is told within 5 s, and that it is back", async () => {
  const { job, generator, admin } = await startJob("--admin", "127.0.0.1:0");
  await admin.disconnect();
  const url = await adminUrlOf(job);
  const isReady = async () => (await fetch(`${url}/readyz`)).ok;
  await job.until(isReady);
  process.kill(broker.pid, "SIGSTOP");
  const frozenAtMs = performance.now();
  try {
    await job.until(() => /does not answer: /.test(job.stderr));
    const noticedMs = performance.now() - frozenAtMs;
    assert.ok(noticedMs < 6_000, `${noticedMs} ms`);
    await job.until(async () => !(await isReady()));
    await sleep(1_000);
  } finally {
    process.kill(broker.pid, "SIGCONT");
  }
  await job.until(() => /answers again, after \d/.test(job.stderr));
  await job.until(isReady);
  assert.equal(linesOf(job, /does not answer: /).length, 1, job.stderr);
  for (const each of [job, generator]) {
    each.kill("SIGINT");
    assert.equal((await each.ended()).exitCode, 0, each.stderr);
  }
});

test("run: a stop during an outage says what was not written", async () => {
  // What is written at once waits by itself, not with its transaction.
  const { job, generator, sessions, admin } = await startJob(
    ...["--guarantee", "none"],
  );
  await admin.deleteTopics({ topics: [sessions] });
  await admin.disconnect();
  await job.until(() => /Cannot write to topic ".*" now: /.test(job.stderr));
  assert.match(job.stderr, /; [\d,]+ sessions of [\d,]+ bytes wait for topic/);
  job.kill("SIGINT");
  const stoppedAtMs = performance.now();
  const { exitCode, stderr } = await job.ended();
  assert.ok(performance.now() - stoppedAtMs < 9_000);
  assert.equal(exitCode, 1);
  assert.match(
    stderr,
    new RegExp(
      "^Cannot stop in good order: [\\d,]+ sessions of [\\d,]+ bytes were not " +
        `written to topic "${sessions}": This server does not host`,
      "m",
    ),
  );
  assert.match(stderr, /^ {2}in sessions /m, "the summary is there too");
  generator.kill("SIGINT");
  await generator.ended();
});

test("run: an output topic that stays deleted ends the run with a sentence", async () => {
  const { job, generator, sessions, admin } = await startJob();
  await admin.deleteTopics({ topics: [sessions] });
  await admin.disconnect();
  const { exitCode, stderr } = await job.ended();
  assert.equal(exitCode, 1);
  assert.match(
    stderr,
    new RegExp(
      `^Cannot write to topic "${sessions}": .* for 3\\d s: has it been deleted\\?; ` +
        "[\\d,]+ sessions of [\\d,]+ bytes were not written$",
      "m",
    ),
  );
  generator.kill("SIGINT");
  await generator.ended();
});

test("generate: what waits for a broker that is away is said, and given up", async () => {
  const topic = `visits-${topics++}`;
  await broker.createTopic(topic, { partitions: 1 });
  const generator = new Command([
    ...["generate", "--brokers", broker.brokers, "--to", `kafka:${topic}`],
    ...["--rate", "500"],
  ]);
  const admin = createKafka(kafkaConfig(broker.brokers)).admin();
  await admin.connect();
  await generator.until(async () => {
    const [offsets] = await admin.fetchTopicOffsets(topic);
    return Number(offsets!.high) > 0;
  });
  await admin.disconnect();
  process.kill(broker.pid, "SIGSTOP");
  try {
    await waitUntil(() => /does not answer: /.test(generator.stderr));
    generator.kill("SIGINT");
    const { exitCode, stderr } = await generator.ended();
    assert.equal(exitCode, 1);
    assert.match(stderr, /[\d,]+ records of [\d,]+ bytes were not written/);
  } finally {
    process.kill(broker.pid, "SIGCONT");
  }
});
