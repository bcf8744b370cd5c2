import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { lastForms, normalizedLastForms } from "../reference/last_forms.ts";
import { testKafka } from "../support/test_kafka.ts";
import {
  Command,
  generate,
  jobArguments,
  jobOutcome,
  runCommand,
  runJob,
} from "./command.ts";
import { produce, testClient, visitJson } from "./produce.ts";
import { formsOfTopic } from "./session_forms.ts";

const { brokers, newTopic } = await testKafka();

const VISIT_COUNT = 20_000;
/** Those that end by then are closed in jobs that do not end, too. */
const CLOSED_BY_MS = Date.parse("2024-06-01T04:00:00Z");

/** Whether the group has so many members, each with its partitions. */
async function hasMembers(group: string, count: number): Promise<boolean> {
  const admin = testClient(brokers).admin();
  await admin.connect();
  try {
    const { groups } = await admin.describeGroups([group]);
    const { state, members = [] } = groups[0] ?? {};
    return state === "Stable" && members.length === count;
  } finally {
    await admin.disconnect();
  }
}

/** The last forms of a topic's sessions that ended early enough. */
async function closedSessions(topic: string): Promise<string[]> {
  const forms = normalizedLastForms(await formsOfTopic(brokers, topic));
  return forms.filter(
    (form) => Date.parse(JSON.parse(form).end_time) < CLOSED_BY_MS,
  );
}

test("run: sessions stay the same when processes of a group come and go", async () => {
  const visits = await newTopic("visits", { partitions: 4 });
  const shared = await newTopic("shared", { partitions: 2 });
  const alone = await newTopic("alone", { partitions: 2 });
  const to = ["--brokers", brokers, "--to", `kafka:${visits}`];
  const count = ["--count", String(VISIT_COUNT), "--active", "100"];
  await generate([...count, ...to]);
  const from = ["--brokers", brokers, "--from", `kafka:${visits}`];
  await runJob(["--bounded", ...from, "--to", `kafka:${alone}`]);
  const expected = await closedSessions(alone);
  const start = () =>
    new Command(
      jobArguments([...from, "--group", visits, "--to", `kafka:${shared}`]),
    );
  const first = start();
  await first.until(() => hasMembers(visits, 1));
  const second = start();
  await second.until(() => hasMembers(visits, 2));
  first.kill("SIGTERM");
  jobOutcome(await first.ended());
  await second.until(async () => {
    const sessions = await closedSessions(shared);
    return sessions.length >= expected.length;
  });
  second.kill("SIGTERM");
  jobOutcome(await second.ended());
  assert.ok(expected.length > 500, `${expected.length} sessions`);
  const actual = await closedSessions(shared);
  assert.ok(actual.join("\n") === expected.join("\n"), "sessions differ");
});

/** Visits of each visitor, one after the other in all partitions. */
function scatteredVisits(visitors: number, partitions: number) {
  const messages = [];
  for (let minute = 0; minute < 2 * partitions; minute++) {
    for (let visitor = 0; visitor < visitors; visitor++) {
      const value = visitJson(`v${visitor}`, { minute, page: `p${minute}` });
      messages.push({ value, partition: (visitor + minute) % partitions });
    }
  }
  return messages;
}

test("run: no visit is lost when a partition of a mixed session moves", async () => {
  const topic = await newTopic("scattered", { partitions: 4 });
  const to = await newTopic("joined", { partitions: 1 });
  await produce(brokers, { topic, messages: scatteredVisits(20, 4) });
  const places = ["--from", `kafka:${topic}`, "--to", `kafka:${to}`];
  const start = () =>
    new Command(
      jobArguments([...places, "--brokers", brokers, "--group", topic]),
    );
  const first = start();
  await first.until(() => /comes from several partitions/.test(first.stderr));
  const second = start();
  await second.until(() => hasMembers(topic, 2));
  second.kill("SIGTERM");
  jobOutcome(await second.ended());
  await first.until(() => hasMembers(topic, 1));
  const last = Array.from({ length: 4 }, (_, partition) => ({
    value: visitJson(`end ${partition}`, { minute: 600 }),
    partition,
  }));
  await produce(brokers, { topic, messages: last });
  const joined = async () =>
    lastForms(await formsOfTopic(brokers, to)).map(({ value }) => value);
  await first.until(async () => (await joined()).length >= 20);
  first.kill("SIGTERM");
  const { summary } = jobOutcome(await first.ended());
  assert.ok(summary.mixedSessions >= 20, JSON.stringify(summary));
  assert.ok(summary.dropped > 0, JSON.stringify(summary));
  const pages = (await joined()).map(
    (value) => value.match(/"page": "p\d+"/g)?.length,
  );
  assert.deepEqual(pages, Array(20).fill(8));
});

test("run: one that cannot open its outputs does not join its group", async () => {
  const visits = await newTopic("visits", { partitions: 1 });
  const folder = mkdtempSync(join(tmpdir(), "sessionmill-group-"));
  after(() => rmSync(folder, { recursive: true }));
  const rejected = join(folder, "rejected.jsonl");
  writeFileSync(rejected, "of a run before\n");
  const flags = [
    ...["--brokers", brokers, "--from", `kafka:${visits}`, "--group", visits],
    ...["--guarantee", "none", "--to", "null", "--log-level", "debug"],
  ];
  const member = new Command(jobArguments(flags));
  await member.until(() => hasMembers(visits, 1));
  const bad = ["--dead-letter-to", `file:${rejected}`];
  const { exitCode, stderr } = await runCommand(["run", ...flags, ...bad]);
  assert.equal(exitCode, 2);
  assert.match(stderr, /rejected\.jsonl": it exists and is not empty/);
  assert.ok(await hasMembers(visits, 1), "the group deals anew");
  member.kill("SIGTERM");
  const ended = await member.ended();
  assert.equal(ended.stderr.match(/partitions are assigned/g)?.length, 1);
});
