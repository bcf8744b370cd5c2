import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { MAIN } from "../cli/child_process.ts";
import { Command, jobArguments, jobOutcome, runJob } from "./command.ts";
import { visitJson } from "./produce.ts";
import { linesOf } from "./session_forms.ts";

/** From the signal to the end of the process, ms; the machine may be busy. */
const STOP_MAX_MS = 5000;
const BEGIN_MS = 1000;
const DISTRIBUTION = join(
  import.meta.dirname,
  "../fixtures/latency/java_millis.hgrm",
);
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

const YAML = '{ ssl: { ca: "CA" } }';
const WAITS: readonly (readonly [what: string, argv: readonly string[]])[] = [
  ["latency", ["latency", "FIFO"]],
  ["replay", ["replay", "FIFO"]],
  ["--config", ["run", "--config", "FIFO"]],
  ["--kafka-config", ["run", "--kafka-config", "FIFO"]],
  ["a certificate", ["tail", "kafka:t", "--kafka-config", "YAML"]],
  ["--dataset", ["generate", "--dataset", "FIFO"]],
];

for (const [what, argv] of WAITS) {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    test(`${what}: ${signal} ends the wait for a FIFO that nobody writes to`, async () => {
      const fifo = newFifo();
      const yaml = `${fifo}.yaml`;
      writeFileSync(yaml, YAML.replace("CA", fifo));
      const words = argv.map((word) =>
        word === "FIFO" ? fifo : word.replace(/^YAML$/, yaml),
      );
      const command = new Command(words);
      // Long enough to begin with it; there is nothing to see.
      await pause(BEGIN_MS);
      const startMs = performance.now();
      command.kill(signal);
      const { exitCode, stderr } = await command.ended();
      assert.ok(performance.now() - startMs < STOP_MAX_MS);
      assert.match(stderr, /^Cannot .*stopped before .* end\n$/);
      assert.equal(exitCode, 1);
    });
  }
}

for (const argv of [
  ["run", "--from", "-", "--to", "null"],
  ["replay", "-"],
  ["latency", "-"],
]) {
  test(`${argv[0]}: a folder as stdin is an error`, async () => {
    const line = `"$NODE" "$MAIN" ${argv.join(" ")} < /tmp`;
    const options = {
      env: { PATH: process.env.PATH, NODE: process.execPath, MAIN },
      encoding: "utf8",
    } as const;
    const { status, stderr } = spawnSync("sh", ["-c", line], options);
    assert.match(
      stderr,
      /^Cannot read .*stdin"?: it is a folder, not a file\n$/,
    );
    assert.equal(status, 1);
  });
}

test("generate: a dataset and a config that come through pipes are read once", async () => {
  const [dataset, config, visits] = [newFifo(), newFifo(), newFifo()];
  const places = ["--config", config, "--dataset", dataset];
  const job = new Command(["generate", ...places, "--to", `file:${visits}.l`]);
  await writeTo(config, "count: 3\n");
  await writeTo(dataset, "dataset:\n  rows: 50\n");
  const { exitCode, stderr } = await job.ended();
  assert.equal(exitCode, 0, stderr);
  assert.equal(linesOf(readFileSync(`${visits}.l`, "utf8")).length, 3);
});

test("--config and latency read what somebody writes into a FIFO", async () => {
  const config = newFifo();
  const job = new Command(["run", "--config", config, "--print-config"]);
  await writeTo(config, "gap: 7m\n");
  assert.match((await job.ended()).stdout, /^gap: 7m /m);
  const distribution = newFifo();
  const latency = new Command(["latency", distribution]);
  await writeTo(distribution, readFileSync(DISTRIBUTION, "utf8"));
  const { exitCode, stderr } = await latency.ended();
  assert.equal(exitCode, 0, stderr);
});

async function writeTo(path: string, content: string): Promise<void> {
  const writer = await open(path, "w");
  await writer.write(content);
  await writer.close();
}

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
