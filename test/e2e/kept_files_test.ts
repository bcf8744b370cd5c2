import assert from "node:assert/strict";
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { runCommand } from "./command.ts";
import { visitJson } from "./produce.ts";

const OLD = "what stood there\n";

const folder = mkdtempSync(join(tmpdir(), "sessionmill-kept-"));
after(() => rmSync(folder, { recursive: true }));
const inFolder = (name: string) => join(folder, name);

mkdirSync(inFolder("histograms/closing.hgrm"), { recursive: true });
writeFileSync(inFolder("file"), "");

const CASES: readonly (readonly [what: string, flags: readonly string[]])[] = [
  ["late visits", ["--late-to", `file:${inFolder("no/folder")}`]],
  ["dead letters", ["--dead-letter-to", `file:${folder}`]],
  ["a folder of histograms", ["--histograms", inFolder("file")]],
  ["a histogram", ["--histograms", inFolder("histograms")]],
];

for (const [what, flags] of CASES) {
  test(`run: --overwrite keeps the old file when there is no place for ${what}`, async () => {
    const path = inFolder("sessions.jsonl");
    writeFileSync(path, OLD);
    const { exitCode, stderr } = await runCommand(
      ["run", "--from", "-", "--to", `file:${path}`, "--overwrite", ...flags],
      { input: visitJson("a") },
    );
    assert.equal(exitCode, 1, stderr);
    assert.match(stderr, /^Cannot write .*\n$/);
    assert.equal(readFileSync(path, "utf8"), OLD);
  });
}

test("run: --overwrite empties the old file when the run begins", async () => {
  const path = inFolder("emptied.jsonl");
  writeFileSync(path, OLD);
  const flags = ["--from", "-", "--to", `file:${path}`, "--overwrite"];
  const { exitCode } = await runCommand(["run", ...flags], { input: "" });
  assert.equal(exitCode, 0);
  assert.equal(readFileSync(path, "utf8"), "");
});
