import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { testKafka } from "../support/test_kafka.ts";
import {
  Command,
  generate,
  jobArguments,
  jobOutcome,
  runJob,
} from "./command.ts";
import { produceWithKcat } from "./produce.ts";
import { linesOf } from "./session_forms.ts";

const folder = mkdtempSync(join(tmpdir(), "sessionmill-determinism-"));
after(() => rmSync(folder, { recursive: true }));
const inFolder = (name: string) => join(folder, name);

/** Enough for some rounds, so that watermarks come while visits do. */
const VISITS = ["--count", "120000"];
const FLAWS = [
  ...["--late-percent", "30", "--duplicate-percent", "3"],
  ...["--missing-percent", "2", "--unprocessable-percent", "2"],
];
const OUTPUTS = ["to", "late-to", "dead-letter-to"];

/** What differs between runs, or between a file and stdin. */
const UNLIKE = /"generation_time": "[^"]*"|"topic":"[^"]*"/g;

/** A job with all outputs in files, which belong to `name`. */
function flagsOf(name: string, workers: number): string[] {
  const places = OUTPUTS.flatMap((output) => [
    `--${output}`,
    `file:${inFolder(`${name}-${output}`)}`,
  ]);
  const rules = ["--gap", "5m", "--out-of-orderness", "1m"];
  const lateness = ["--allowed-lateness", "2m", "--with-metadata"];
  return [...places, ...rules, ...lateness, "--workers", String(workers)];
}

/** A hash of all that a job has written, but for order and generation time. */
function hashOf(name: string): string {
  const hash = createHash("sha256");
  for (const output of OUTPUTS) {
    const text = readFileSync(inFolder(`${name}-${output}`), "utf8");
    const lines = linesOf(text.replaceAll(UNLIKE, ""));
    hash.update(`${output}\n${lines.sort().join("\n")}\n`);
  }
  return hash.digest("hex");
}

/** Runs over one input with other workers each time: to the same result. */
async function assertOneResult(input: readonly string[]): Promise<string> {
  const hashes = new Map<string, number>();
  for (const workers of [1, 2, 4]) {
    const name = `with-${workers}`;
    const flags = [...flagsOf(name, workers), "--overwrite"];
    const { summary } = await runJob([...input, ...flags]);
    // Else nothing could differ.
    assert.ok(summary.late > 1000, `${summary.late} late visits`);
    assert.equal(summary.inOpenWindows, 0);
    hashes.set(hashOf(name), workers);
  }
  assert.equal(hashes.size, 1, "the result depends on the number of workers");
  return [...hashes.keys()][0]!;
}

test("run: a file with late visits gives one result, and as stdin the same", async () => {
  const path = inFolder("late.jsonl");
  await generate([...VISITS, "--late-percent", "30", "--to", `file:${path}`]);
  const hash = await assertOneResult(["--from", `file:${path}`]);
  const flags = ["--from", "-", ...flagsOf("stdin", 2)];
  const command = new Command(jobArguments(flags), { isFed: true });
  const text = readFileSync(path, "utf8");
  for (let at = 0, size = 1; at < text.length; at += size) {
    // In pieces of any size, and with pauses.
    size = ((size * 7919) % 900_001) + 1;
    command.write(text.slice(at, at + size));
    await sleep(size % 9);
  }
  command.endInput();
  jobOutcome(await command.ended());
  assert.equal(hashOf("stdin"), hash);
});

test("run: a generator with every flaw gives one result, at a rate the same", async () => {
  const input = ["--from", "generator", ...VISITS, ...FLAWS];
  const hash = await assertOneResult([...input, "--max-skew", "1m"]);
  const paced = ["--rate", "90000/s", "--deterministic", "--max-skew", "1m"];
  await runJob([...input, ...paced, ...flagsOf("paced", 2)]);
  assert.equal(hashOf("paced"), hash);
});

test("run: a skewed topic with late visits gives one result", async () => {
  const { brokers, newTopic } = await testKafka();
  const topic = await newTopic("skewed", { partitions: 4 });
  const path = inFolder("skewed.jsonl");
  await generate([...VISITS, ...FLAWS, "--to", `file:${path}`]);
  const parts: string[][] = [[], [], []];
  for (const line of linesOf(readFileSync(path, "utf8"))) {
    const number = Number(/"visit_id": "\d+_(\d+)"/.exec(line)?.[1] ?? 0) % 10;
    // The second partition is left with a tenth, and the fourth has nothing.
    parts[number === 0 ? 1 : number > 7 ? 2 : 0]!.push(line);
  }
  for (const [partition, lines] of parts.entries()) {
    const codec = ["lz4", "none", "gzip"][partition]!;
    await produceWithKcat(brokers, { topic, codec, lines, partition });
  }
  const flags = ["--bounded", "--brokers", brokers];
  const input = ["--from", `kafka:${topic}`, ...flags];
  const hash = await assertOneResult(input);
  const thin = ["--max-in-flight-bytes", "1MiB", ...flagsOf("thin", 3)];
  await runJob([...input, ...thin]);
  assert.equal(hashOf("thin"), hash);
});
