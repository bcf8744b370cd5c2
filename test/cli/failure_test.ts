import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import {
  earlyFailureForm,
  type FailureForm,
  reportFailure,
} from "../../src/cli/failure.ts";
import { ReaderGoneError, UsageError, WorldError } from "../../src/errors.ts";
import { runInProcess } from "./fake_world.ts";

const folder = mkdtempSync(join(tmpdir(), "sessionmill-failures-"));
after(() => rmSync(folder, { recursive: true }));

test("reportFailure() gives 2 for bad usage and 1 for the world", () => {
  assert.deepEqual(report(new UsageError("Cannot read x: bad")), {
    exitCode: 2,
    text: "Cannot read x: bad\n",
  });
  assert.deepEqual(report(new WorldError("Cannot read x: gone")), {
    exitCode: 1,
    text: "Cannot read x: gone\n",
  });
});

test("reportFailure() makes one sentence of anything", () => {
  assert.deepEqual(report(new TypeError("x is\n  no function")), {
    exitCode: 1,
    text: "Cannot run: x is; no function\n",
  });
  assert.deepEqual(report("oops"), { exitCode: 1, text: "Cannot run: oops\n" });
  assert.equal(report(new Error("")).text, "Cannot run: unknown error\n");
});

test("reportFailure() shows the stack of a defect at debug level only", () => {
  const defect = new Error("Cannot go on: bug");
  assert.equal(report(defect).text, "Cannot go on: bug\n");
  assert.match(
    report(defect, { isDebug: true }).text,
    /\n {4}at .*failure_test/,
  );
  const foreseen = new WorldError("Cannot go on: no disk");
  assert.equal(
    report(foreseen, { isDebug: true }).text,
    "Cannot go on: no disk\n",
  );
});

test("reportFailure() takes a reader of stdout that went away for a clean end", () => {
  const clean = { exitCode: 0, text: "" };
  assert.deepEqual(report(new ReaderGoneError()), clean);
  // What else broke off was no reader of ours.
  const error = Object.assign(new Error("write EPIPE"), { code: "EPIPE" });
  assert.equal(report(error).exitCode, 1);
});

test("reportFailure() writes JSON where the log does", () => {
  const { exitCode, text } = report(new UsageError("Cannot read x: bad"), {
    isJson: true,
  });
  assert.equal(exitCode, 2);
  const { level, time, ...rest } = JSON.parse(text);
  assert.equal(level, "fatal");
  assert.ok(Math.abs(Date.parse(time) - Date.now()) < 60_000);
  assert.deepEqual(rest, { msg: "Cannot read x: bad" });
  const form = { isJson: true, isDebug: true };
  const defect = JSON.parse(report(new TypeError("bug"), form).text);
  assert.equal(defect.msg, "Cannot run: bug");
  assert.match(defect.stack, /failure_test/);
});

test("earlyFailureForm() goes by flags, then by variables", () => {
  const json = { SESSIONMILL_LOG_FORMAT: "json" };
  const isJson = (argv: string[], environment = {}) =>
    earlyFailureForm(argv, environment).isJson;
  assert.equal(isJson(["run", "--log-format", "json"]), true);
  assert.equal(isJson(["run", "--log-format=json"]), true);
  assert.equal(isJson(["run"], json), true);
  assert.equal(isJson(["run", "--log-format", "text"], json), false);
  assert.equal(isJson(["run", "--log-format"], json), false);
  assert.equal(isJson([]), false);
  const empty = { SESSIONMILL_LOG_FORMAT: "" };
  const file = { "log-format": "json" };
  assert.equal(earlyFailureForm(["run"], empty, file).isJson, true);
  const text = ["run", "--log-format=text"];
  assert.equal(earlyFailureForm(text, {}, file).isJson, false);
  const { isDebug } = earlyFailureForm(["run", "--log-level=debug"], {});
  assert.equal(isDebug, true);
});

const BAD = ["run", "--gap", "x"];
const FILES: readonly (readonly [
  what: string,
  config: string,
  argv: readonly string[],
])[] = [
  ["a value of a flag", "log-format: json\n", BAD],
  ["a flag that there is not", "log-format: json\n", ["run", "--gpa", "x"]],
  ["a file in JSON", '{"log-format": "json"}', BAD],
  ["another line of the file", "gap: x\nlog-format: 'json' # so\n", ["run"]],
  ["a file that is no YAML", "gap: [\nlog-format: json\n", ["run"]],
];

for (const [what, config, argv] of FILES) {
  test(`log-format: json in a config file holds for errors of ${what}`, async () => {
    const path = join(folder, "log=format.yaml");
    writeFileSync(path, config);
    const byFlag = await runInProcess([...argv, `--config=${path}`]);
    const byVariable = await runInProcess(argv, { SESSIONMILL_CONFIG: path });
    for (const { exitCode, stderr } of [byFlag, byVariable]) {
      assert.equal(exitCode, 2);
      const { level, msg } = JSON.parse(stderr);
      assert.equal(level, "fatal");
      assert.match(msg, /^Cannot read /);
    }
    const flags = ["--config", path, "--log-format", "text"];
    const { stderr } = await runInProcess([...argv, ...flags]);
    assert.match(stderr, /^Cannot read /);
  });
}

test("log-format: json in a config file that is a pipe holds too", async () => {
  const path = join(folder, "fifo");
  execFileSync("mkfifo", [path]);
  const ended = runInProcess([...BAD, "--config", path]);
  await writeFile(path, "log-format: json\n");
  assert.match(JSON.parse((await ended).stderr).msg, /--gap must be/);
});

test("the demo tells its errors as the config file says", async () => {
  const path = join(folder, "demo.yaml");
  writeFileSync(path, "log-format: json\nfrom: kafka:visits\n");
  const { stderr } = await runInProcess([], { SESSIONMILL_CONFIG: path });
  assert.match(JSON.parse(stderr).msg, /^Cannot run the demo/);
});

function report(error: unknown, form: Partial<FailureForm> = {}) {
  let text = "";
  const stderr = {
    write: (part: string) => {
      text += part;
    },
  };
  const exitCode = reportFailure(error, {
    ...{ isJson: false, isDebug: false, ...form },
    ...{ stderr, task: "run" },
  });
  return { exitCode, text };
}
