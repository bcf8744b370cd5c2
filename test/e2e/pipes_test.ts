import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import process from "node:process";
import { test } from "node:test";
import { promisify } from "node:util";
import { MAIN } from "../cli/child_process.ts";
import {
  Command,
  jobArguments,
  jobOutcome,
  runCommand,
  runJob,
} from "./command.ts";
import { visitJson } from "./produce.ts";
import { linesOf } from "./session_forms.ts";

const execute = promisify(execFile);

/** A reader that went away is noticed in this time at most. */
const PIPE_MAX_MS = 15_000;

/** Runs a pipeline in a shell; rejects when any part of it fails. */
async function runInShell(line: string): Promise<string> {
  const { stdout } = await execute("bash", ["-o", "pipefail", "-c", line], {
    env: { PATH: process.env.PATH, NODE: process.execPath, MAIN },
    timeout: PIPE_MAX_MS,
    killSignal: "SIGKILL",
  });
  return stdout;
}

const COMMAND = '"$NODE" "$MAIN"';

test("run: | head -1 prints one session and ends it cleanly", async () => {
  const run = `${COMMAND} run --from generator --to - 2>/dev/null`;
  const lines = linesOf(await runInShell(`${run} | head -1`));
  assert.equal(lines.length, 1);
  assert.ok(JSON.parse(lines[0]!).visited_pages[0].length > 0);
});

test("generate: | head -1 prints one visit and ends it cleanly", async () => {
  const lines = linesOf(await runInShell(`${COMMAND} generate | head -1`));
  assert.equal(lines.length, 1);
  assert.ok("visit_id" in JSON.parse(lines[0]!));
});

test("generate | run | head is a pipeline of its own", async () => {
  const run = `${COMMAND} run --from - --to - --workers 2 2>/dev/null`;
  const line = `${COMMAND} generate --rate 50000 2>/dev/null | ${run} | head -3`;
  assert.equal(linesOf(await runInShell(line)).length, 3);
});

test("run: stdout holds data only, stderr the rest", async () => {
  const input = `${visitJson("a")}\nbroken\n${visitJson("b")}\n`;
  const { stdout, stderr } = await runCommand(
    ["run", "--from", "-", "--to", "-"],
    { input },
  );
  const ids = linesOf(stdout).map((line) => JSON.parse(line).visit_id);
  assert.deepEqual(ids.sort(), ["a", "b"]);
  assert.match(stderr, /rejected a record for not_json/);
  assert.match(stderr, /^3 visits in /m);
  assert.doesNotMatch(stderr, /\r/);
});

test("run: a slow producer gets its sessions while its pipe is open, with --live", async () => {
  const flags = ["--from", "-", "--to", "-", "--live"];
  const job = new Command(jobArguments(flags), { isFed: true });
  job.write(`${visitJson("early")}\n${visitJson("later", { minute: 60 })}\n`);
  await job.hasWritten(1);
  assert.equal(JSON.parse(job.stdout).visit_id, "early");
  job.write(`${visitJson("later", { minute: 61 })}\n`);
  job.endInput();
  const { stdout, stderr, summary } = jobOutcome(await job.ended());
  assert.equal(linesOf(stdout).length, 2);
  assert.equal(summary.inSessions, 3);
  assert.doesNotMatch(stderr, /waiting/);
});

test("run: a slow producer is told why its sessions wait, and of --live", async () => {
  const flags = ["--from", "-", "--to", "-"];
  const job = new Command(jobArguments(flags), { isFed: true });
  job.write(`${visitJson("early")}\n${visitJson("later", { minute: 60 })}\n`);
  await job.until(() => job.stderr.includes("waiting: "));
  assert.match(
    job.stderr,
    /waiting: more is to come; sessions come at most 65,536 records later than they could, with --live at once/,
  );
  assert.equal(job.stdout, "");
  job.endInput();
  const { stdout } = jobOutcome(await job.ended());
  assert.equal(linesOf(stdout).length, 2);
});

test("run: garbage bytes are rejected and counted, never a crash", async () => {
  const bytes = Buffer.from(
    Array.from({ length: 100_000 }, (_, i) => (i * 7919 + (i >> 5)) & 0xff),
  );
  const { summary } = await runJob(
    ["--from", "-", "--to", "null", "--allow-empty"],
    { input: bytes },
  );
  assert.ok(summary.visitsIn > 100);
  assert.equal(summary.rejected, summary.visitsIn);
});
