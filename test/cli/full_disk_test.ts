import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { test } from "node:test";
import { runChild } from "./child_process.ts";

const DISTRIBUTION = join(
  import.meta.dirname,
  "../fixtures/latency/java_millis.hgrm",
);

for (const argv of [
  ["--help"],
  ["--version"],
  ["run", "--help"],
  ["run", "--print-config"],
  ["latency", DISTRIBUTION],
  ["latency", "--json", DISTRIBUTION],
  ["generate", "--count", "3"],
  ["run", "--from", "generator", "--count", "3", "--to", "-"],
]) {
  const words = argv.map((word) => basename(word)).join(" ");
  test(`${words}: a full disk behind stdout is told, and a failure`, async () => {
    const { exitCode, stderr } = await runChild(argv, { output: "/dev/full" });
    assert.match(stderr, /^Cannot write to stdout: its disk is full$/m);
    assert.equal(stderr.split("its disk is full").length, 2);
    assert.equal(exitCode, 1);
  });
}
