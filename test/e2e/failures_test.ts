import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { test } from "node:test";
import { readWithKcat } from "../support/kcat.ts";
import { testKafka } from "../support/test_kafka.ts";
import { topicIdOf } from "../support/topic_id.ts";
import { generate, runCommand, runJob } from "./command.ts";
import { produce, visitJson } from "./produce.ts";

const { brokers, newTopic } = await testKafka();

/**
 * A job that cannot start says so within 5 s, and a process takes up to 5 s to
 * start where the machine is busy. The waits of the client would be longer.
 */
const FAILURE_MAX_MS = 10_000;

interface Failure {
  readonly exitCode: number;
  readonly sentence: RegExp;
}

/** The command line fails soon, with one sentence and nothing else. */
async function assertFails(
  argv: readonly string[],
  { exitCode, sentence }: Failure,
): Promise<void> {
  const outcome = await runCommand(argv);
  assert.match(outcome.stderr, sentence);
  assert.match(outcome.stderr, /^Cannot [^\n]*[^.\n]\n$/, "one sentence");
  assert.equal(outcome.exitCode, exitCode);
  assert.equal(outcome.stdout, "");
  assert.ok(outcome.elapsedMs < FAILURE_MAX_MS, `${outcome.elapsedMs} ms`);
}

const BAD_USAGE: readonly (readonly [string[], RegExp])[] = [
  [["run", "--gapp", "5m"], /--gap\b/],
  [["runn"], /\brun\b/],
  [["run", "here"], /here|argument/],
  [["run", "--workers", "0"], /--workers/],
  [["run", "--workers", "two"], /--workers.*"two"/],
  [["run", "--gap", "-1s"], /--gap/],
  [["run", "--gap", "10 parsecs"], /--gap.*"10 parsecs"/],
  [["run", "--from", "ftp:visits"], /--from.*"ftp:visits"/],
  [["run", "--brokers", "nowhere"], /--brokers.*"nowhere"/],
  [["run", "--from", "-", "--to", "-", "--late-to", "-"], /--late-to/],
  [["generate", "--count", "many"], /--count.*"many"/],
  [["generate", "--late-percent", "101"], /--late-percent/],
  [["replay"], /FILE/],
];

for (const [argv, sentence] of BAD_USAGE) {
  test(`command line: ${argv.join(" ")} is bad usage`, async () => {
    await assertFails(argv, { exitCode: 2, sentence });
  });
}

const FROM_NOTHING = ["run", "--from", "-"];

test("run: a file that cannot be written or read is named", async () => {
  const sentence = /no\/such\/folder/;
  const path = "/no/such/folder/file";
  const failure = { exitCode: 1, sentence };
  await assertFails([...FROM_NOTHING, "--to", `file:${path}`], failure);
  const side = ["--to", "null", "--late-to", `file:${path}`];
  await assertFails([...FROM_NOTHING, ...side], failure);
  await assertFails(["run", "--from", `file:${path}`, "--to", "-"], failure);
  await assertFails(["generate", "--to", `file:${path}`], failure);
});

test("run: a broker that is not there is named", async () => {
  const nobody = ["--brokers", "127.0.0.1:1"];
  const failure = { exitCode: 1, sentence: /127\.0\.0\.1:1/ };
  await assertFails(["run", ...nobody], failure);
  await assertFails(["generate", ...nobody, "--to", "kafka:visits"], failure);
});

test("run: a broker that takes connections and says nothing is named", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const { port } = server.address() as AddressInfo;
    const silent = ["--brokers", `127.0.0.1:${port}`];
    const sentence = new RegExp(`127\\.0\\.0\\.1:${port}: no answer`);
    await assertFails(["run", ...silent], { exitCode: 1, sentence });
  } finally {
    server.close();
  }
});

test("run: a missing topic is named, wherever it should be", async () => {
  const missing = `missing-${randomUUID()}`;
  const topic = `kafka:${missing}`;
  const sentence = new RegExp(`"${missing}".*--create-topics`);
  const failure = { exitCode: 1, sentence };
  const kafka = ["--brokers", brokers];
  // The flag that creates outputs does not create a mistyped source.
  await assertFails(
    ["run", ...kafka, "--from", topic, "--to", "kafka:o", "--create-topics"],
    { exitCode: 1, sentence: new RegExp(`"${missing}".*--create-source`) },
  );
  await assertFails([...FROM_NOTHING, ...kafka, "--to", topic], failure);
  const side = ["--to", "null", "--dead-letter-to", topic];
  await assertFails([...FROM_NOTHING, ...kafka, ...side], failure);
  await assertFails(["generate", ...kafka, "--to", topic], failure);
});

test("run: --create-topics makes the topics that are missing", async () => {
  const [visits, sessions, late, dead] = ["v", "s", "l", "d"].map(
    (name) => `${name}-${randomUUID()}`,
  );
  const kafka = ["--brokers", brokers, "--create-topics"];
  const count = ["--count", "500", "--active", "10"];
  await generate([...kafka, ...count, "--to", `kafka:${visits}`]);
  const { summary } = await runJob([
    ...["--bounded", ...kafka, "--from", `kafka:${visits}`],
    ...["--to", `kafka:${sessions}`, "--late-to", `kafka:${late}`],
    ...["--dead-letter-to", `kafka:${dead}`],
  ]);
  assert.equal(summary.inSessions, 500);
  const records = await readWithKcat(brokers, sessions!);
  assert.equal(records.length, summary.sessions);
  assert.deepEqual(await readWithKcat(brokers, dead!), []);
});

test("run: --create-source makes the topic to read from", async () => {
  const visits = `v-${randomUUID()}`;
  const { summary } = await runJob([
    ...["--bounded", "--brokers", brokers, "--create-source"],
    ...["--from", `kafka:${visits}`, "--to", "null"],
  ]);
  assert.equal(summary.visitsIn, 0);
  assert.deepEqual(await readWithKcat(brokers, visits), []);
});

test("run: a session too large for its topic goes to the dead letters", async () => {
  const visits = await newTopic("visits", { partitions: 1 });
  const config = { "max.message.bytes": "20000" };
  const sessions = await newTopic("sessions", { partitions: 1, config });
  const dead = await newTopic("dead", { partitions: 1 });
  const large = Array.from({ length: 50 }, (_, minute) =>
    visitJson("large", { minute, page: "p".repeat(1000) }),
  );
  const messages = [...large, visitJson("small")].map((value) => ({ value }));
  await produce(brokers, { topic: visits, messages });
  const { summary } = await runJob([
    ...["--bounded", "--brokers", brokers, "--from", `kafka:${visits}`],
    ...["--to", `kafka:${sessions}`, "--dead-letter-to", `kafka:${dead}`],
  ]);
  assert.deepEqual([summary.sessions, summary.oversized], [1, 1]);
  assert.equal(summary.inSessions, 51);
  const [small, ...others] = await readWithKcat(brokers, sessions);
  assert.equal(small!.key, "small");
  assert.deepEqual(others, []);
  const [letter] = await readWithKcat(brokers, dead);
  assert.equal(letter!.key, "large");
  assert.ok(letter!.headers.includes("reason=session_too_large"));
  assert.ok(letter!.headers.includes("session-id=0-0"));
  const topicId = await topicIdOf(brokers, visits);
  assert.ok(letter!.headers.includes(`source-topic-id=${topicId}`));
  // Whole: the topic of the dead letters has room for it.
  const [pages] = JSON.parse(letter!.value).visited_pages;
  assert.equal(pages.length, 50);
  assert.ok(!letter!.headers.some((each) => each.startsWith("value-bytes=")));
});

test("run: a session too large for the dead letters too is cut, which is told", async () => {
  const visits = await newTopic("visits", { partitions: 1 });
  const config = { "max.message.bytes": "10000" };
  const sessions = await newTopic("sessions", { partitions: 1, config });
  const dead = await newTopic("dead", { partitions: 1, config });
  const large = Array.from({ length: 50 }, (_, minute) =>
    visitJson("large", { minute, page: "p".repeat(1000) }),
  );
  const messages = large.map((value) => ({ value }));
  await produce(brokers, { topic: visits, messages });
  const { stderr } = await runJob([
    ...["--bounded", "--brokers", brokers, "--from", `kafka:${visits}`],
    ...["--to", `kafka:${sessions}`, "--dead-letter-to", `kafka:${dead}`],
  ]);
  const [letter] = await readWithKcat(brokers, dead);
  assert.equal(letter!.value.length, 4096);
  assert.ok(letter!.headers.includes("key-bytes=5"));
  const named = letter!.headers.find((each) => each.startsWith("value-bytes="));
  assert.ok(Number(named!.split("=")[1]) > 50_000);
  assert.match(stderr, /only the first 4096 of the session .+ are kept there/);
});

test("run: a session too large for its topic is counted where nobody keeps it", async () => {
  const visits = await newTopic("visits", { partitions: 1 });
  const config = { "max.message.bytes": "2000" };
  const sessions = await newTopic("sessions", { partitions: 1, config });
  const large = visitJson("large", { page: "p".repeat(3000) });
  const messages = [large, visitJson("small")].map((value) => ({ value }));
  await produce(brokers, { topic: visits, messages });
  const { summary } = await runJob([
    ...["--bounded", "--brokers", brokers, "--from", `kafka:${visits}`],
    ...["--to", `kafka:${sessions}`],
  ]);
  const { sessions: written, oversized, notWritten } = summary;
  assert.deepEqual([written, oversized, notWritten], [1, 0, 1]);
  assert.equal((await readWithKcat(brokers, sessions)).length, written);
});
