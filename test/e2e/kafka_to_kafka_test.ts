import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { normalizedLastForms } from "../reference/last_forms.ts";
import { readWithKcat } from "../support/kcat.ts";
import { testKafka } from "../support/test_kafka.ts";
import { topicIdOf } from "../support/topic_id.ts";
import { generate, runJob } from "./command.ts";
import { countPages, formsOfTopic, lastIds, linesOf } from "./session_forms.ts";

const folder = mkdtempSync(join(tmpdir(), "sessionmill-kafka-"));
after(() => rmSync(folder, { recursive: true }));
const { brokers, newTopic } = await testKafka();

const COUNT = 500_000;

test("run: one worker and two make the same sessions of a topic", async () => {
  const visits = await newTopic("visits", { partitions: 2 });
  const records = await generate([
    ...["--brokers", brokers, "--to", `kafka:${visits}`],
    ...["--count", String(COUNT), "--duplicate-percent", "0.5"],
    ...["--missing-percent", "0.2", "--unprocessable-percent", "0.1"],
  ]);
  assert.ok(records > COUNT * 1.004, `${records} records, duplicates included`);
  const run = async (workers: string) => {
    const sessions = await newTopic("sessions", { partitions: 2 });
    const { summary } = await runJob([
      ...["--bounded", "--workers", workers, "--group", sessions],
      ...["--brokers", brokers, "--from", `kafka:${visits}`],
      ...["--to", `kafka:${sessions}`],
    ]);
    const forms = await formsOfTopic(brokers, sessions);
    assert.equal(summary.visitsIn, records);
    assert.equal(summary.sessions, forms.length);
    assert.equal(summary.late, 0);
    assert.ok(summary.rejected > 0);
    assert.equal(summary.inOpenWindows, 0);
    const { inSessions, rejected } = summary;
    assert.equal(countPages(forms), inSessions);
    assert.equal(inSessions + rejected, records);
    return { ids: lastIds(forms), values: normalizedLastForms(forms) };
  };
  const one = await run("1");
  const two = await run("2");
  assert.ok(one.ids.length > COUNT / 20, `${one.ids.length} sessions`);
  // Not deepEqual: its report of a difference would take minutes.
  assert.ok(one.ids.join() === two.ids.join(), "ids differ");
  assert.ok(one.values.join() === two.values.join(), "values differ");
});

test("run: with late visits every page is in a session or handed over", async () => {
  const visits = await newTopic("visits", { partitions: 2 });
  const records = await generate([
    ...["--brokers", brokers, "--to", `kafka:${visits}`, "--count", "200000"],
    ...["--late-percent", "3", "--duplicate-percent", "1", "--seed", "7"],
    ...["--missing-percent", "1", "--unprocessable-percent", "1"],
  ]);
  const sessions = await newTopic("sessions", { partitions: 2 });
  const late = await newTopic("late", { partitions: 2 });
  const rejectedPath = join(folder, "rejected.jsonl");
  const { summary } = await runJob([
    ...["--bounded", "--workers", "2", "--group", sessions],
    ...["--brokers", brokers, "--from", `kafka:${visits}`],
    ...["--to", `kafka:${sessions}`, "--late-to", `kafka:${late}`],
    ...["--dead-letter-to", `file:${rejectedPath}`],
  ]);
  const pages = countPages(await formsOfTopic(brokers, sessions));
  // Re-fires and merged sessions are among them.
  const topicId = await topicIdOf(brokers, visits);
  for (const { headers } of await readWithKcat(brokers, sessions)) {
    assert.equal(headers.at(-1), `source-topic-id=${topicId}`);
  }
  const lateVisits = await readWithKcat(brokers, late);
  const rejected = linesOf(readFileSync(rejectedPath, "utf8"));
  assert.ok(lateVisits.length > 0 && rejected.length > 0);
  assert.equal(lateVisits.length, summary.late);
  assert.equal(rejected.length, summary.rejected);
  assert.equal(pages + lateVisits.length + rejected.length, records);
});

test("run: no visit is fetched before the shards are ready for it", async () => {
  const visits = await newTopic("visits", { partitions: 2 });
  const to = ["--brokers", brokers, "--to", `kafka:${visits}`];
  await generate([...to, "--count", "1000"]);
  const { summary } = await runJob([
    ...["--bounded", "--brokers", brokers],
    ...["--from", `kafka:${visits}`, "--to", "null"],
  ]);
  const { elapsedMs, latency } = summary;
  const { maxMs } = latency.processing;
  // The run counts from when they were; a histogram rounds up by a little.
  assert.ok(maxMs < elapsedMs * 1.01, `${maxMs} ms of ${elapsedMs} ms`);
});
