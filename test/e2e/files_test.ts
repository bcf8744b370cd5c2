import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { normalizedLastForms } from "../reference/last_forms.ts";
import { naiveLastForms } from "../reference/naive_sessionizer.ts";
import { generate, runJob } from "./command.ts";
import { visitJson } from "./produce.ts";
import {
  countPages,
  formsOfFile,
  formsOfLines,
  lastIds,
  linesOf,
} from "./session_forms.ts";

const folder = mkdtempSync(join(tmpdir(), "sessionmill-files-"));
after(() => rmSync(folder, { recursive: true }));
const inFolder = (name: string) => join(folder, name);
const fileIn = (name: string) => `file:${inFolder(name)}`;

const GAP_MS = 600_000;
const VISITS = ["--count", "30000", "--active", "300"];
const DUPLICATES = ["--duplicate-percent", "1"];
await generate([...VISITS, ...DUPLICATES, "--to", fileIn("visits.jsonl")]);
const text = readFileSync(inFolder("visits.jsonl"), "utf8");

/** The last forms that sorting and cutting at the gaps gives. */
function expectedForms(): string[] {
  const visits = linesOf(text).map((line) => {
    const { visit_id, event_time, page, user_id } = JSON.parse(line);
    const ids = { visitId: visit_id, userId: user_id };
    return { ...ids, eventTime: event_time, page };
  });
  return naiveLastForms(visits, GAP_MS);
}

for (const workers of ["1", "2", "5"]) {
  test(`run: file to file on ${workers} workers makes the naive sessions`, async () => {
    const name = `sessions-${workers}.jsonl`;
    const { stdout, summary } = await runJob([
      ...["--from", fileIn("visits.jsonl"), "--to", fileIn(name)],
      ...["--workers", workers, "--with-metadata"],
    ]);
    assert.equal(stdout, "");
    const forms = await formsOfFile(inFolder(name));
    assert.equal(forms.length, summary.sessions);
    assert.equal(countPages(forms), linesOf(text).length);
    const actual = normalizedLastForms(forms);
    assert.ok(actual.join("\n") === expectedForms().join("\n"));
  });
}

test("run: stdin to stdout makes the sessions of file to file, ids too", async () => {
  const flags = ["--from", "-", "--to", "-", "--with-metadata"];
  const piped = await runJob(flags, { input: text });
  const forms = formsOfLines(piped.stdout);
  const name = "sessions-by-file.jsonl";
  await runJob([
    ...["--from", fileIn("visits.jsonl"), "--to", fileIn(name)],
    ...["--with-metadata"],
  ]);
  const fromFile = await formsOfFile(inFolder(name));
  assert.deepEqual(lastIds(forms), lastIds(fromFile));
  const actual = normalizedLastForms(forms);
  assert.ok(actual.join("\n") === normalizedLastForms(fromFile).join("\n"));
});

test("run: the generator as the source makes what its file makes", async () => {
  const { stdout } = await runJob([
    ...["--from", "generator", ...VISITS, ...DUPLICATES],
    ...["--to", "-", "--with-metadata"],
  ]);
  const actual = normalizedLastForms(formsOfLines(stdout));
  assert.ok(actual.join("\n") === expectedForms().join("\n"));
});

test("run: CRLF, blank lines and a missing last line end are no records", async () => {
  const lines = [0, 1, 2].map((minute) => visitJson("a", { minute }));
  const input = `\r\n${lines[0]}\r\n\n${lines[1]}\n\r\n${lines[2]}`;
  writeFileSync(inFolder("odd.jsonl"), input);
  const flags = ["--to", "-", "--with-metadata", "--from"];
  for (const from of [fileIn("odd.jsonl"), "-"]) {
    const { stdout, summary } = await runJob([...flags, from], { input });
    assert.equal(summary.visitsIn, 3);
    const [session, ...others] = linesOf(stdout).map((each) =>
      JSON.parse(each),
    );
    assert.deepEqual(others, []);
    assert.equal(session.visited_pages[0].length, 3);
    // The first record stands on the second line, counted from 0.
    assert.equal(session.metadata["session-id"], "0-1");
  }
});

test("run: an empty input is done at once", async () => {
  const { stdout, summary } = await runJob(["--from", "-", "--to", "-"]);
  assert.equal(stdout, "");
  assert.equal(summary.visitsIn, 0);
});

test("run: late visits and dead letters of a file name file and line", async () => {
  const input = `${visitJson("a", { minute: 600 })}\nbroken\n`;
  const { stdout, summary } = await runJob(
    ["--from", "-", "--to", "null", "--dead-letter-to", "-"],
    { input },
  );
  assert.equal(summary.rejected, 1);
  assert.deepEqual(JSON.parse(stdout), {
    reason: "not_json",
    topic: "stdin",
    partition: 0,
    offset: 1,
    record: "broken",
  });
});

test("run: a visit dated far ahead is warned of, with the flag against it", async () => {
  const ahead = visitJson("ahead").replace(/"\d{4}-/, '"2094-');
  const input = `${[visitJson("a"), ahead, visitJson("b")].join("\n")}\n`;
  const flags = ["--from", "-", "--to", "null", "--workers", "1"];
  const { stderr } = await runJob(flags, { input });
  assert.match(
    stderr,
    /dated 2094-.* days ahead of the time of day.*--max-skew/,
  );
  const skewed = await runJob([...flags, "--live", "--max-skew", "1h"], {
    input,
  });
  assert.doesNotMatch(skewed.stderr, /dated 2094/);
  assert.equal(skewed.summary.rejected, 1);
});

test("run: a dead letter of which the start is kept says how long it was", async () => {
  const lengths = [2_500_000, 3_000_000, 2_900_000];
  const lines = lengths.map((length) => `${"x".repeat(length)}\n`);
  writeFileSync(inFolder("long.jsonl"), `no visit\n${lines.join("")}`);
  await runJob([
    ...["--from", fileIn("long.jsonl"), "--to", "null", "--allow-empty"],
    ...["--dead-letter-to", fileIn("dead.jsonl"), "--workers", "2"],
  ]);
  const dead = linesOf(readFileSync(inFolder("dead.jsonl"), "utf8"));
  const told = dead.map((line) => {
    const { reason, offset, record, "value-bytes": bytes } = JSON.parse(line);
    return [offset, reason, record.length, bytes];
  });
  const kept = 2 << 20;
  assert.deepEqual(
    told.toSorted((a, b) => a[0] - b[0]),
    [
      [0, "not_json", 8, undefined],
      ...lengths.map((length, at) => [at + 1, "too_large", kept, length]),
    ],
  );
});
