import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import {
  linkSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, test } from "node:test";
import { MAIN } from "../cli/child_process.ts";
import { visitJson } from "./produce.ts";

/** One that feeds on its own output has no end, ms. */
const RUN_MAX_MS = 15_000;
const VISITS = `${visitJson("a")}\n`;

const folder = mkdtempSync(join(tmpdir(), "sessionmill-one-file-"));
after(() => rmSync(folder, { recursive: true }));
const visits = join(folder, "visits");
writeFileSync(visits, VISITS);
linkSync(visits, join(folder, "linked"));
writeFileSync(join(folder, "dataset"), "dataset: { rows: 5 }\n");
linkSync(join(folder, "dataset"), join(folder, "dataset.jsonl"));

const CASES = [
  [
    "run --from file:linked --to - >> visits",
    "run: --from file:linked and --to - (stdout)",
  ],
  [
    "run --from - --to - < visits >> linked",
    "run: --from - (stdin) and --to - (stdout)",
  ],
  [
    "run --from - --to file:linked --append < visits",
    "run: --from - (stdin) and --to file:linked",
  ],
  [
    "run --to - --late-to file:linked --append >> visits",
    "run: --to - (stdout) and --late-to file:linked",
  ],
  [
    "replay linked >> visits",
    "replay: the input file:linked and the output - (stdout)",
  ],
  [
    "generate --dataset dataset --to file:dataset.jsonl --append",
    "generate: --dataset file:dataset and --to file:dataset.jsonl",
  ],
] as const;

for (const [line, what] of CASES) {
  test(`what is one file is refused: ${line}`, async () => {
    const { exitCode, stderr } = await inShell(`"$NODE" "$MAIN" ${line}`);
    assert.equal(stderr, `Cannot ${what} are one file, each needs its own\n`);
    assert.equal(exitCode, 2);
    assert.equal(readFileSync(visits, "utf8"), VISITS);
  });
}

function inShell(line: string): Promise<{ exitCode: number; stderr: string }> {
  const environment = { NODE: process.execPath, MAIN };
  return new Promise((resolve) => {
    const options = {
      env: { PATH: process.env.PATH, ...environment },
      cwd: folder,
      timeout: RUN_MAX_MS,
    };
    execFile("bash", ["--norc", "-c", line], options, (error, _, stderr) => {
      resolve({ exitCode: error === null ? 0 : Number(error.code), stderr });
    });
  });
}
