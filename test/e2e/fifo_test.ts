import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Command, jobArguments, jobOutcome, runJob } from "./command.ts";
import { visitJson } from "./produce.ts";
import { linesOf } from "./session_forms.ts";

/** From the signal to the end of the process, ms; the machine may be busy. */
const STOP_MAX_MS = 5000;
const WAITING = /waiting: nobody has written anything yet/;

const folder = mkdtempSync(join(tmpdir(), "sessionmill-fifos-"));
after(() => rmSync(folder, { recursive: true }));
let fifos = 0;

function newFifo(): string {
  const path = join(folder, String(fifos++));
  execFileSync("mkfifo", [path]);
  return path;
}

function runFrom(path: string, flags: readonly string[] = []): Command {
  const from = ["--from", `file:${path}`, "--workers", "1"];
  return new Command(jobArguments([...from, "--to", "null", ...flags]));
}

async function assertStops(job: Command): Promise<void> {
  const startMs = performance.now();
  job.kill("SIGTERM");
  jobOutcome(await job.ended());
  assert.ok(performance.now() - startMs < STOP_MAX_MS);
}

test("run: a FIFO that nobody writes to is spoken of, and left at once", async () => {
  const job = runFrom(newFifo());
  await job.until(() => WAITING.test(job.stderr));
  await assertStops(job);
});

test("run: SIGTERM ends the wait for more from a FIFO at once", async () => {
  const path = newFifo();
  const job = runFrom(path, ["--dead-letter-to", "-"]);
  const writer = await open(path, "w");
  await writer.write("broken\nhalf a line");
  await job.hasWritten(1);
  await assertStops(job);
  assert.equal(linesOf(job.stdout).length, 1);
  await writer.close();
});

test("run: SIGTERM ends a device that has no end", async () => {
  const job = runFrom("/dev/urandom");
  await job.until(() => /rejected a record/.test(job.stderr));
  await assertStops(job);
});

test("run: /dev/stdin is stdin, of whatever kind it is", async () => {
  const input = `${visitJson("a")}\n`;
  const flags = ["--from", "file:/dev/stdin", "--to", "null"];
  assert.equal((await runJob(flags, { input })).summary.inSessions, 1);
});

test("run: a line of 40 MB is one rejected record, the next one is right", async () => {
  const input = `${"x".repeat(40_000_000)}\n${visitJson("a")}\n`;
  const path = join(folder, "long.jsonl");
  writeFileSync(path, input);
  const flags = ["--to", "null", "--dead-letter-to", "-", "--from"];
  for (const from of [`file:${path}`, "-"]) {
    const { stdout, summary } = await runJob([...flags, from], { input });
    assert.deepEqual(summary.rejectedByReason, { too_large: 1 });
    assert.equal(summary.inSessions, 1);
    const [letter, ...others] = linesOf(stdout).map((line) => JSON.parse(line));
    assert.deepEqual(others, []);
    assert.equal(letter.offset, 0);
    assert.equal(letter.record, "x".repeat(2 ** 21));
  }
});

test("run: a byte order mark at the start costs no visit", async () => {
  const input = `\ufeff${visitJson("a")}\n`;
  const flags = ["--from", "-", "--to", "null"];
  const { summary } = await runJob(flags, { input });
  assert.equal(summary.inSessions, 1);
  assert.equal(summary.rejected, 0);
});
