import assert from "node:assert/strict";
import { test } from "node:test";
import {
  earlyFailureForm,
  type FailureForm,
  reportFailure,
} from "../../src/cli/failure.ts";
import { ReaderGoneError, UsageError, WorldError } from "../../src/errors.ts";

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
  const { isDebug } = earlyFailureForm(["run", "--log-level=debug"], {});
  assert.equal(isDebug, true);
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
