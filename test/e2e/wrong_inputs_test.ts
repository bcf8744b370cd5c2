import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";
import { testKafka } from "../support/test_kafka.ts";
import { jobArguments, jobOutcome, runCommand, runJob } from "./command.ts";
import { produce, visitJson } from "./produce.ts";

const folder = mkdtempSync(join(tmpdir(), "sessionmill-wrong-"));
after(() => rmSync(folder, { recursive: true }));

const VISITS = Array.from({ length: 50 }, (_, minute) =>
  visitJson("a", { minute }),
);
const ARRAY = `[\n${VISITS.join(",\n")}\n]\n`;
const PRETTY = VISITS.map((visit) =>
  JSON.stringify(JSON.parse(visit), null, 2),
).join("\n");

const WRONG: readonly [name: string, content: string | Buffer, hint: RegExp][] =
  [
    ["gzip", gzipSync(VISITS.join("\n")), /looks like gzip, .*gzip -dc/],
    ["pretty", PRETTY, /looks like JSON over several lines/],
    ["utf16", Buffer.from(VISITS.join("\n"), "utf16le"), /looks like UTF-16LE/],
    ["cr", `${VISITS.join("\r")}\r`, /looks like lines that end with CR alone/],
    ["csv", "visit_id,event_time\na,2024-06-01\n", /looks like CSV/],
    ["html", "<html>\n<body></body>\n</html>\n", /looks like HTML/],
    ["words", "one\ntwo\n", /none of its 2 records is a visit \(not_json 2\);/],
    ["word", "one\n", /its only record is no visit \(not_json 1\);/],
  ];

for (const [name, content, hint] of WRONG) {
  test(`run: an input of ${name} alone is a failure that says why`, async () => {
    const path = join(folder, name);
    writeFileSync(path, content);
    const flags = ["run", "--from", `file:${path}`, "--to", "null"];
    const { exitCode, stderr } = await runCommand(flags);
    assert.equal(exitCode, 1);
    const last = stderr.trimEnd().split("\n").at(-1)!;
    assert.match(last, /^Cannot make sessions of file:/);
    assert.match(last, /; --allow-empty takes that for success$/);
    // Once: with the first record, or at the end where no warning is shown.
    assert.equal(stderr.match(RegExp(hint, "g"))?.length, 1, stderr);
    const quiet = await runCommand([...flags, "--log-level", "error"]);
    assert.match(quiet.stderr, hint);
    assert.match(quiet.stderr, /^Cannot make sessions of file:.*\n$/);
    const allowed = await runJob([...flags.slice(1), "--allow-empty"]);
    assert.equal(allowed.summary.rejected, allowed.summary.visitsIn);
  });
}

test("run: an array of visits over lines is read with a warning", async () => {
  const flags = ["--from", "-", "--to", "null"];
  // Lines that end in a comma are no JSON, the last one is a visit.
  const { stderr, summary } = await runJob(flags, { input: ARRAY });
  assert.match(
    stderr,
    /the first record is no visit, it looks like one JSON array/,
  );
  assert.equal(summary.inSessions, 1);
});

test("run: the likely cause is told with dead letters and many workers too", async () => {
  const { stderr, exitCode } = await runCommand(
    [
      ...["run", "--from", "-", "--to", "null", "--workers", "3"],
      ...["--dead-letter-to", "-"],
    ],
    { input: gzipSync(VISITS.join("\n")) },
  );
  assert.equal(exitCode, 1);
  assert.match(
    stderr,
    /warn +the first record is no visit, it looks like gzip/,
  );
});

test("run: an empty input is a success with a warning", async () => {
  const flags = ["--from", "-", "--to", "null"];
  const { stderr, summary } = await runJob(flags);
  assert.match(stderr, /the input is empty: no record came/);
  assert.equal(summary.visitsIn, 0);
  const allowed = await runJob([...flags, "--allow-empty"]);
  assert.doesNotMatch(allowed.stderr, /empty/);
});

test("run: a bounded topic without a visit is a failure, once with one it is not", async () => {
  const { brokers, newTopic } = await testKafka();
  const topic = await newTopic("wrong", { partitions: 1 });
  const send = (value: string | null) =>
    produce(brokers, { topic, messages: [{ value }] });
  await send(null);
  await send("visit_id,event_time");
  const flags = [
    ...["--brokers", brokers, "--from", `kafka:${topic}`, "--bounded"],
    ...["--to", "null"],
  ];
  const { exitCode, stderr } = await runCommand(jobArguments(flags));
  assert.equal(exitCode, 1);
  assert.match(stderr, /"Cannot make sessions of kafka:/);
  assert.equal(stderr.match(/looks like CSV/g)?.length, 1, stderr);
  await send(visitJson("a"));
  jobOutcome(await runCommand(jobArguments(flags)));
});
