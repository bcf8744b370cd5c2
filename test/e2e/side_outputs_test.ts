import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { readBounded } from "../support/kafka_source_run.ts";
import { type KcatRecord, readWithKcat } from "../support/kcat.ts";
import { testKafka } from "../support/test_kafka.ts";
import { BAD_RECORDS, ODD_VISITS } from "./bad_records.ts";
import { Command, jobArguments, jobOutcome, runJob } from "./command.ts";
import { produce, visitJson } from "./produce.ts";
import { linesOf } from "./session_forms.ts";

const folder = mkdtempSync(join(tmpdir(), "sessionmill-side-"));
after(() => rmSync(folder, { recursive: true }));
const { brokers, newTopic } = await testKafka();

/** A visit so old, behind all others, that its window is gone. */
const LATE = visitJson("late", { minute: -6000 });

/** A topic with good, odd, bad and late records, each with its own key. */
async function mixedTopic(): Promise<string> {
  const topic = await newTopic("mixed", { partitions: 1 });
  const bad = BAD_RECORDS.map(([, value], i) => ({ key: `bad ${i}`, value }));
  const odd = ODD_VISITS.map((value) => ({ key: "odd", value }));
  const later = Array.from({ length: 200 }, (_, minute) => ({
    key: "steady",
    value: visitJson("steady", { minute }),
  }));
  const nothing = [
    { key: "tombstone", value: null },
    { key: null, value: "keyless" },
  ];
  const first = [...odd, ...bad, ...nothing, ...later];
  await produce(brokers, { topic, messages: first });
  return topic;
}

const RECORD_COUNT = ODD_VISITS.length + BAD_RECORDS.length + 2 + 200;

function boundedJob(topic: string, flags: readonly string[]) {
  return runJob([
    ...["--bounded", "--brokers", brokers, "--from", `kafka:${topic}`],
    ...["--max-record-bytes", "1KiB", "--workers", "2", ...flags],
  ]);
}

function headersOf({ headers }: KcatRecord): Record<string, string> {
  return Object.fromEntries(headers.map((each) => each.split("=")));
}

test("run: a dead letter topic holds key, value, reason and origin", async () => {
  const topic = await mixedTopic();
  const dead = await newTopic("dead", { partitions: 2 });
  const flags = ["--dead-letter-to", `kafka:${dead}`, "--to", "null"];
  const { summary } = await boundedJob(topic, flags);
  assert.equal(summary.visitsIn, RECORD_COUNT);
  assert.equal(summary.rejected, BAD_RECORDS.length + 2);
  const records = await readWithKcat(brokers, dead);
  const values = await readBounded(brokers, dead);
  for (const [i, [reason, value]] of BAD_RECORDS.entries()) {
    const record = records.find(({ key }) => key === `bad ${i}`)!;
    assert.deepEqual(headersOf(record), {
      reason,
      "origin-topic": topic,
      "origin-partition": "0",
      "origin-offset": String(ODD_VISITS.length + i),
    });
    const written = values.find(({ key }) => key === `bad ${i}`)!;
    assert.equal(written.value, String(value));
  }
  const tombstone = values.find(({ key }) => key === "tombstone");
  assert.equal(tombstone?.value, null);
  const keyless = values.find(({ key }) => key === null);
  assert.equal(keyless?.value, "keyless");
  assert.equal(records.length, summary.rejected);
});

test("run: a dead letter file names reason and origin of each record", async () => {
  const topic = await mixedTopic();
  const dead = join(folder, "dead.jsonl");
  const { summary } = await boundedJob(topic, [
    ...["--dead-letter-to", `file:${dead}`, "--to", "null"],
  ]);
  const lines = linesOf(readFileSync(dead, "utf8")).map((line) =>
    JSON.parse(line),
  );
  lines.sort((a, b) => a.offset - b.offset);
  const expected = BAD_RECORDS.map(([reason, value], i) => {
    const origin = { topic, partition: 0, offset: ODD_VISITS.length + i };
    if (reason !== "not_utf8") return { reason, ...origin, record: value };
    const bytes = value as Buffer;
    return { reason, ...origin, record_base64: bytes.toString("base64") };
  });
  assert.deepEqual(lines.slice(0, BAD_RECORDS.length), expected);
  const { reason, record } = lines[BAD_RECORDS.length];
  assert.deepEqual([reason, record], ["empty", null]);
  assert.equal(lines.length, summary.rejected);
});

test("run: without a place for dead letters a warning says where one was", async () => {
  const topic = await mixedTopic();
  const flags = ["--to", "-", "--with-metadata"];
  const { stdout, stderr, summary } = await boundedJob(topic, flags);
  assert.match(stderr, /--dead-letter-to/);
  const byReason: Record<string, number> = { empty: 1, not_json: 1 };
  for (const [reason] of BAD_RECORDS) {
    byReason[reason] = (byReason[reason] ?? 0) + 1;
  }
  assert.deepEqual(summary.rejectedByReason, byReason);
  const sessions = linesOf(stdout).map((line) => JSON.parse(line));
  const odd = sessions.find(({ visit_id }) => visit_id === "odd");
  assert.equal(odd.visited_pages[0].length, ODD_VISITS.length);
});

for (const place of ["file", "kafka"] as const) {
  test(`run: a late visit goes to ${place} as it came in`, async () => {
    const topic = await mixedTopic();
    const path = join(folder, "late.jsonl");
    const late = await newTopic("late", { partitions: 1 });
    const to = { file: `file:${path}`, kafka: `kafka:${late}` }[place];
    await lateJob(topic, to);
    if (place === "file") {
      const line = JSON.parse(readFileSync(path, "utf8"));
      const origin = { topic, partition: 0, offset: RECORD_COUNT };
      assert.deepEqual(line, { reason: "late", ...origin, record: LATE });
    } else {
      const [record, ...others] = await readWithKcat(brokers, late);
      assert.deepEqual(others, []);
      assert.equal(record!.key, "late key");
      assert.equal(record!.value, LATE);
      assert.equal(headersOf(record!).reason, "late");
      assert.equal(headersOf(record!)["origin-offset"], String(RECORD_COUNT));
    }
  });
}

/** Sends the late visit when the watermark has passed, in a running job. */
async function lateJob(topic: string, lateTo: string): Promise<void> {
  const flags = [
    ...["--brokers", brokers, "--from", `kafka:${topic}`, "--to", "-"],
    ...["--group", topic, "--late-to", lateTo, "--max-record-bytes", "1KiB"],
  ];
  const job = new Command(jobArguments(flags));
  await job.hasWritten(1);
  const messages = [{ key: "late key", value: LATE }];
  await produce(brokers, { topic, messages });
  const after = [{ key: "after", value: visitJson("after", { minute: 400 }) }];
  await produce(brokers, { topic, messages: after });
  // The visit behind it closes the steady session: so it was applied.
  await job.hasWritten(2);
  job.kill("SIGTERM");
  const { summary } = jobOutcome(await job.ended());
  assert.equal(summary.late, 1);
  assert.equal(summary.visitsIn, RECORD_COUNT + 2);
}
