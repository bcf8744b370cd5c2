import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { runCommand } from "./command.ts";

/** Long before it the job must have noticed. */
const DEADLINE_MS = 20_000;

/** An endless job whose threads break after a moment. */
function runWithPreload(name: string, rate: string) {
  const preload = join(import.meta.dirname, "preload", name);
  return runCommand(
    [
      ...["run", "--from", "generator", "--rate", rate, "--to", "null"],
      ...["--workers", "2"],
    ],
    {
      environment: { NODE_OPTIONS: `--import=${preload}` },
      deadlineMs: DEADLINE_MS,
    },
  );
}

const CASES = [
  { name: "ending_thread.ts", what: "ends", why: /exited/ },
  { name: "throwing_thread.ts", what: "throws", why: /the thread is broken/ },
];

for (const { name, what, why } of CASES) {
  for (const rate of ["1000000", "200"]) {
    test(`run: a thread that ${what} ends the job, at ${rate} visits/s`, async () => {
      const { exitCode, stderr } = await runWithPreload(name, rate);
      assert.equal(exitCode, 1, stderr);
      assert.match(stderr, why);
      // What was done until then, and one sentence.
      assert.match(stderr, /^Failed after [^\n]* visits\/s\n {2}in sessions/m);
      assert.match(stderr, /(?<=\n)Cannot run: [^\n]*\n$/);
      assert.equal(stderr.match(/Cannot/g)?.length, 1, stderr);
      assert.doesNotMatch(stderr, /^ +at /m);
    });
  }
}
