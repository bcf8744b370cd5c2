import assert from "node:assert/strict";
import { test } from "node:test";
import { moduleOf, runChild } from "../cli/child_process.ts";

/** More than Node lets listen to a stream without a word. */
const WORKERS = ["--workers", "12"];
const VISIT = '{"visit_id": "a", "event_time": "2024-06-01T00:00:00Z"}\n';
const END = '{"watermark": 9223372036854775807}\n';

const COMMANDS: readonly (readonly string[])[] = [
  ["replay", "-", ...WORKERS],
  ["run", "--from", "-", "--to", "-", "--log-level", "warn", ...WORKERS],
];

for (const argv of COMMANDS) {
  test(`${argv[0]} with 12 workers has nothing to say`, async () => {
    const input = argv[0] === "replay" ? `${VISIT}${END}` : VISIT;
    const { exitCode, stdout, stderr } = await runChild(argv, { input });
    assert.equal(stderr, "");
    assert.equal(stdout.split("\n").length, 2);
    assert.equal(exitCode, 0);
  });
}

test("what a thread prints goes to stderr, for stdout is data only", async () => {
  const printing = moduleOf(`
    import { isMainThread } from "node:worker_threads";
    if (!isMainThread) console.log("to stdout"), console.error("to stderr");`);
  const { exitCode, stdout, stderr } = await runChild(
    ["replay", "-", "--workers", "1"],
    {
      input: `${VISIT}${END}`,
      environment: { NODE_OPTIONS: `--import=${printing}` },
    },
  );
  assert.deepEqual(stderr.trimEnd().split("\n").sort(), [
    "to stderr",
    "to stdout",
  ]);
  assert.match(stdout, /^\{"session": .*\}\n$/);
  assert.equal(exitCode, 0);
});
