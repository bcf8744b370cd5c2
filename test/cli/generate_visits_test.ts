import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { MAIN } from "./child_process.ts";

const folder = mkdtempSync(join(tmpdir(), "sessionmill-generate-"));
after(() => rmSync(folder, { recursive: true }));

/** Lines on stderr of a run whose file may become 4 MB and no larger. */
function generateTooMuch(name: string, ...flags: string[]): string[] {
  const to = `file:${join(folder, name)}`;
  const command = `ulimit -f 8000; exec "$0" "$@"`;
  const argv = [MAIN, "generate", "--count", "100000", "--to", to, ...flags];
  const { status, stderr } = spawnSync(
    "sh",
    ["-c", command, process.execPath, ...argv],
    { encoding: "utf8" },
  );
  assert.equal(status, 1);
  return stderr.trimEnd().split("\n");
}

test("generate says how far it was when its sink failed", () => {
  const [warning, sentence, ...more] = generateTooMuch("text");
  const form = / warn {2}failed after records were made \(records=[1-9]\d*\)$/;
  assert.match(warning!, form);
  assert.match(
    sentence!,
    /^Cannot write to file ".*": it has grown as large as a file may be/,
  );
  assert.deepEqual(more, []);
});

test("generate says it in JSON too", () => {
  const lines = generateTooMuch("json", "--log-format", "json");
  const [warning, failure] = lines.map((line) => JSON.parse(line));
  assert.ok(warning.records > 0);
  assert.equal(failure.level, "fatal");
  assert.match(
    failure.msg,
    /^Cannot write to file ".*": it has grown as large as a file may be/,
  );
});
