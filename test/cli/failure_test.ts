import assert from "node:assert/strict";
import { test } from "node:test";
import { reportFailure } from "../../src/cli/failure.ts";
import { UsageError, WorldError } from "../../src/errors.ts";

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
  assert.match(report(defect, true).text, /\n {4}at .*failure_test/);
  const foreseen = new WorldError("Cannot go on: no disk");
  assert.equal(report(foreseen, true).text, "Cannot go on: no disk\n");
});

test("reportFailure() takes a reader that went away for a clean end", () => {
  const error = Object.assign(new Error("write EPIPE"), { code: "EPIPE" });
  assert.deepEqual(report(error), { exitCode: 0, text: "" });
});

function report(error: unknown, isDebug = false) {
  let text = "";
  const stderr = {
    write: (part: string) => {
      text += part;
    },
  };
  const exitCode = reportFailure(error, { stderr, task: "run", isDebug });
  return { exitCode, text };
}
