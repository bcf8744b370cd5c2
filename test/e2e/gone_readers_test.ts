import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import { MAIN } from "../cli/child_process.ts";

/** A reader that went away is noticed in this time at most, ms. */
const PIPE_MAX_MS = 15_000;
const ENDLESS = "run --from generator --workers 1 --log-level warn";

const folder = mkdtempSync(join(tmpdir(), "sessionmill-readers-"));
after(() => rmSync(folder, { recursive: true }));
execFileSync("mkfifo", [join(folder, "fifo")]);

/** Runs a line of bash in the folder; `sm` in it is the command. */
function inShell(line: string): Promise<{ exitCode: number; stderr: string }> {
  const script = `sm() { "$NODE" "$MAIN" "$@"; }; ${line}`;
  return new Promise((resolve) => {
    const options = {
      env: { PATH: process.env.PATH, NODE: process.execPath, MAIN },
      cwd: folder,
      timeout: PIPE_MAX_MS,
    };
    const flags = ["--norc", "-o", "pipefail", "-c", script];
    execFile("bash", flags, options, (error, _, stderr) => {
      resolve({ exitCode: error === null ? 0 : Number(error.code), stderr });
    });
  });
}

const FAILURES: readonly (readonly [
  what: string,
  line: string,
  name: string,
])[] = [
  [
    "stdout beside late visits",
    `sm ${ENDLESS} --to - --late-to file:late | head -1 >/dev/null`,
    "stdout",
  ],
  [
    "a FIFO",
    `head -1 fifo >/dev/null & sm ${ENDLESS} --to file:fifo`,
    'file "fifo"',
  ],
  [
    "a descriptor beside a file",
    `exec 5> >(true); sm ${ENDLESS} --to file:sessions --unprocessable-percent 9 --dead-letter-to file:/dev/fd/5`,
    'file "/dev/fd/5"',
  ],
  [
    "a FIFO of generate",
    "head -1 fifo >/dev/null & sm generate --count 9000000 --progress off --to file:fifo",
    'file "fifo"',
  ],
];

for (const [what, line, name] of FAILURES) {
  test(`a reader that goes away is told of, and a failure: ${what}`, async () => {
    const { exitCode, stderr } = await inShell(line);
    const sentence = `Cannot write to ${name}: its reader has gone away\n`;
    assert.ok(stderr.includes(sentence), stderr);
    assert.equal(exitCode, 1);
  });
}

test("a reader of stdout that goes away ends all well: nothing else is written", async () => {
  const letters = "--to null --dead-letter-to - --unprocessable-percent 9";
  for (const outputs of ["--to -", "--to - --late-to null", letters]) {
    const line = `sm ${ENDLESS} ${outputs} | head -1 > head`;
    assert.deepEqual(await inShell(line), { exitCode: 0, stderr: "" });
    assert.match(readFileSync(join(folder, "head"), "utf8"), /^\{.*\}\n$/);
  }
});
