import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { testKafka } from "../support/test_kafka.ts";
import { Command } from "./command.ts";
import { testClient, visitJson } from "./produce.ts";

const { brokers, newTopic } = await testKafka();

/** The topics that a job writes to, by what they are for. */
interface Topics {
  readonly visits: string;
  readonly sessions: string;
  readonly late: string;
  readonly dead: string;
  readonly log: string;
}

/** A visit that ends the session before it, a late visit and no visit. */
function batch(number: number) {
  return [
    { value: visitJson(`v${number}`, { minute: 60 * number }) },
    { value: visitJson(`late${number}`, { minute: 60 * (number - 2) }) },
    { value: "no visit" },
  ];
}

/** Sends `batch` after `batch` from here on, until the test is over. */
async function feed(context: TestContext, topic: string) {
  const producer = testClient(brokers).producer();
  await producer.connect();
  let isOver = false;
  const feeding = (async () => {
    for (let number = 3; !isOver; number++) {
      await producer.send({ topic, messages: batch(number) });
      await sleep(300);
    }
  })();
  context.after(async () => {
    isOver = true;
    await feeding;
    await producer.disconnect();
  });
}

/** A job that writes to all these topics, and has its partitions. */
async function startJob(context: TestContext) {
  const [visits, sessions, late, dead] = await Promise.all(
    ["visits", "sessions", "late", "dead"].map((prefix) =>
      newTopic(prefix, { partitions: 1 }),
    ),
  );
  const topics = {
    ...{ visits, sessions, late, dead },
    log: `sessionmill-${visits}-windows`,
  } as Topics;
  const job = new Command(
    [
      ...["run", "--brokers", brokers, "--from", `kafka:${visits}`],
      ...["--to", `kafka:${sessions}`, "--late-to", `kafka:${late}`],
      ...["--dead-letter-to", `kafka:${dead}`, "--group", topics.visits],
      ...["--out-of-orderness", "0s", "--allowed-lateness", "0s"],
    ],
    { deadlineMs: 150_000 },
  );
  context.after(() => job.kill("SIGKILL"));
  await job.until(() => /partitions are assigned/.test(job.stderr));
  const admin = testClient(brokers).admin();
  await admin.connect();
  context.after(() => admin.disconnect());
  return { job, topics, admin };
}

type Started = Awaited<ReturnType<typeof startJob>>;

/** Resolves when something was written to the topic. */
async function hasWritten({ job, admin }: Started, topic: string) {
  await job.until(async () => {
    const [offsets] = await admin.fetchTopicOffsets(topic);
    return Number(offsets!.high) > 0;
  });
}

/** Deletes the topic; resolves when the job has told that it waits for it. */
async function loses({ job, admin }: Started, topic: string) {
  await admin.deleteTopics({ topics: [topic] });
  const beganAtMs = performance.now();
  const told = `warn {2}Cannot write to topic "${topic}" now: `;
  await job.until(() => new RegExp(told).test(job.stderr));
  const toldMs = performance.now() - beganAtMs;
  assert.ok(toldMs < 5_000, `told after ${toldMs} ms`);
}

/** What waits, in a sentence about the topic of this name. */
const THINGS = {
  sessions: "sessions",
  late: "late visits",
  dead: "dead letters",
  log: "changes of windows",
} as const;

const DELETIONS = [
  ["sessions", "before the first write"],
  ["sessions", "amid a run"],
  ["late", "amid a run"],
  ["dead", "before the first write"],
  ["log", "before the first write"],
  ["log", "amid a run"],
] as const;

// None asks for much: together they take no longer than one.
describe("run with exactly-once", { concurrency: true }, () => {
  for (const [name, when] of DELETIONS) {
    test(`${name}: a topic that is deleted ${when} is named`, async (context) => {
      const started = await startJob(context);
      const { job, topics } = started;
      const topic = topics[name];
      if (when === "amid a run") {
        await feed(context, topics.visits);
        await hasWritten(started, topic);
        await loses(started, topic);
      } else {
        const losing = loses(started, topic);
        await feed(context, topics.visits);
        await losing;
      }
      const { exitCode, stderr } = await job.ended();
      assert.equal(exitCode, 1);
      assert.match(
        stderr,
        new RegExp(
          `^Cannot write to topic "${topic}": .* for 3\\d s: has it been ` +
            `deleted\\?; [\\d,]+ ${THINGS[name]} of [\\d,]+ bytes were not written$`,
          "m",
        ),
      );
      assert.doesNotMatch(stderr, /Cannot commit/);
    });
  }

  for (const name of ["sessions", "late", "log"] as const) {
    test(`${name}: a stop while its topic is away ends soon, with the reason`, async (context) => {
      const started = await startJob(context);
      const { job, topics } = started;
      const topic = topics[name];
      await feed(context, topics.visits);
      await hasWritten(started, topic);
      await loses(started, topic);
      job.kill("SIGTERM");
      const stoppedAtMs = performance.now();
      const { exitCode, stderr } = await job.ended();
      const stoppingMs = performance.now() - stoppedAtMs;
      assert.ok(stoppingMs < 12_000, `stopped after ${stoppingMs} ms`);
      assert.equal(exitCode, 1);
      assert.match(
        stderr,
        new RegExp(
          `^Cannot stop in good order: .*[\\d,]+ ${THINGS[name]} of [\\d,]+ ` +
            `bytes were not written to topic "${topic}".*: This server does not host`,
          "m",
        ),
      );
    });
  }
});
