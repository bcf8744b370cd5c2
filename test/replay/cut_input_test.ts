import assert from "node:assert/strict";
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { test } from "node:test";
import { runReplay } from "../../src/replay/replay.ts";
import { GENERATION_TIME, REPLAY_WINDOW } from "../support/replay_run.ts";

test("a replay warns when its input is cut while it is read", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sessionmill-replay-cut-"));
  const input = join(folder, "input");
  writeFileSync(input, "no visit\n".repeat(1 << 20));
  const output = new PassThrough();
  output.on("data", () => truncateSync(input, 0));
  const warnings: string[] = [];
  try {
    await runReplay({
      ...{ input, output, workers: 1, window: REPLAY_WINDOW },
      ...{ maxRecordBytes: 1 << 20, withMetadata: false },
      generationTime: GENERATION_TIME,
      warn: (_, text) => warnings.push(text),
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
  assert.equal(warnings.length, 1);
  assert.match(warnings[0]!, /it had 9,437,184 bytes .* has 0 now/);
});
