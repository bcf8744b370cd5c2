import assert from "node:assert/strict";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { type ChildOptions, runChild } from "./child_process.ts";

const folder = mkdtempSync(join(tmpdir(), "sessionmill-demos-"));
after(() => rmSync(folder, { recursive: true }));

test("without arguments the demo makes sessions of 200,000 visits", async () => {
  const { exitCode, stdout, stderr } = await runDemo();
  assert.equal(exitCode, 0);
  assert.equal(stdout, "");
  assert.match(stderr, /^Demo: 200,000 generated visits/);
  assert.match(stderr, /^20\d,\d{3} visits in .*, [\d,]+ visits\/s$/m);
  assert.match(stderr, /in open windows +0$/m);
  assert.match(stderr, /^ {2}\S+ {2}[\d:]{8} to [\d:]{8} {2}\d+ pages?: /m);
  const written = readFileSync(writtenPath(stderr), "utf8");
  const count = written.split("\n").length - 1;
  const shown = count.toLocaleString("en-US");
  assert.ok(stderr.includes(`${shown} sessions written`), stderr);
});

test("the demo with JSON logs writes one object a line", async () => {
  const environment = { SESSIONMILL_LOG_FORMAT: "json", TMPDIR: folder };
  const { exitCode, stderr } = await runDemo({ environment });
  const lines = stderr.trimEnd().split("\n");
  const messages = lines.map((line) => JSON.parse(line).msg);
  assert.match(messages[0], /^Demo: 200,000 generated visits/);
  assert.match(messages.at(-1), /shows how to run it for real$/);
  assert.equal(exitCode, 0);
});

test("the demo leaves the folder that it is called in alone", async () => {
  const here = join(folder, "here");
  mkdirSync(here);
  writeFileSync(join(here, "sessions.jsonl"), "somebody's work");
  const first = await runDemo({ folder: here, signal: "SIGINT" });
  const second = await runDemo({ folder: here, signal: "SIGINT" });
  assert.deepEqual(readdirSync(here), ["sessions.jsonl"]);
  const kept = readFileSync(join(here, "sessions.jsonl"), "utf8");
  assert.equal(kept, "somebody's work");
  assert.notEqual(writtenPath(first.stderr), writtenPath(second.stderr));
});

test("Ctrl-C ends the demo cleanly", async () => {
  const { exitCode, stderr } = await runDemo({ signal: "SIGINT" });
  assert.equal(exitCode, 0);
  assert.doesNotMatch(stderr, /Cannot/);
});

/** Runs the demo with its temporary folder in ours. */
function runDemo(options: ChildOptions = {}) {
  return runChild([], { environment: { TMPDIR: folder }, ...options });
}

/** Where the demo says that it writes. */
function writtenPath(stderr: string): string {
  return /to file:(\S+)$/m.exec(stderr)![1]!;
}
