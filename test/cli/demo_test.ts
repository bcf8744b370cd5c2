import assert from "node:assert/strict";
import {
  existsSync,
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
import { ownCommand } from "../../src/cli/own_command.ts";
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

test("the demo says how to run it for real, as it was started", async () => {
  const { stderr } = await runDemo({ signal: "SIGINT" });
  assert.match(stderr, /^"npm start -- run --help" shows how to/m);
  assert.equal(ownCommand({}, false), "sessionmill");
  assert.equal(ownCommand({ npm_command: "exec" }, false), "npx sessionmill");
});

for (const [key, text] of Object.entries({
  FROM: "kafka:visits",
  TO: "null",
  LATE_TO: "null",
  DEAD_LETTER_TO: "kafka:dead",
  HISTOGRAMS: join(folder, "histograms"),
  GUARANTEE: "exactly-once",
})) {
  test(`the demo leaves a job that SESSIONMILL_${key} asks for to "run"`, async () => {
    const temporary = mkdtempSync(join(folder, "refused-"));
    const environment = { TMPDIR: temporary, [`SESSIONMILL_${key}`]: text };
    const { exitCode, stderr } = await runDemo({ environment });
    assert.equal(
      stderr,
      `Cannot run the demo: SESSIONMILL_${key} asks for another job, which "npm start -- run" does; the demo has visits and outputs of its own\n`,
    );
    assert.equal(exitCode, 2);
    assert.deepEqual(demosIn(temporary), []);
  });
}

test("the demo leaves a job that a config file asks for to run", async () => {
  const path = join(folder, "job.yaml");
  writeFileSync(path, "from: kafka:visits\n");
  const environment = { TMPDIR: folder, SESSIONMILL_CONFIG: path };
  const { exitCode, stderr } = await runDemo({ environment });
  assert.equal(exitCode, 2);
  assert.match(stderr, /^Cannot run the demo: from in ".*job.yaml" asks for/);
});

test("the demo makes no temporary folder that is missing", async () => {
  const missing = join(folder, "missing");
  const { exitCode, stderr } = await runDemo({
    environment: { TMPDIR: missing },
  });
  assert.equal(
    stderr,
    `Cannot run the demo: a folder "${missing}/sessionmill-demo-…" cannot be made: its folder does not exist; TMPDIR names another place\n`,
  );
  assert.equal(exitCode, 1);
  assert.ok(!existsSync(missing));
});

/** What demos have written there. */
function demosIn(place: string): string[] {
  return readdirSync(place).filter((name) => name.includes("demo"));
}

/** Runs the demo with its temporary folder in ours. */
function runDemo(options: ChildOptions = {}) {
  return runChild([], { environment: { TMPDIR: folder }, ...options });
}

/** Where the demo says that it writes. */
function writtenPath(stderr: string): string {
  return /to file:(\S+)$/m.exec(stderr)![1]!;
}
