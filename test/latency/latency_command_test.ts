import assert from "node:assert/strict";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { runChild } from "../cli/child_process.ts";
import { runInProcess } from "../cli/fake_world.ts";

const FOLDER = new URL("../fixtures/latency/", import.meta.url).pathname;
const NANOS = join(FOLDER, "java_nanos.hlog");
const MILLIS = join(FOLDER, "java_millis.hgrm");

test("latency prints percentiles side by side, with ratios to the first", async () => {
  const { exitCode, stdout, stderr } = await runInProcess([
    "latency",
    NANOS,
    MILLIS,
  ]);
  assert.equal(exitCode, 0);
  const rows = stdout.split("\n").map((line) => line.trim().split(/ {2,}/));
  assert.deepEqual(rows[1], [
    ...["p50", "p90", "p99", "p99.9", "p99.99", "p99.999", "max", "count"],
  ]);
  assert.deepEqual(rows[2], [
    NANOS,
    ...["0.00296", "0.024", "0.120", "0.388", "0.881", "1.188", "1.188"],
    "12,000",
  ]);
  assert.deepEqual(rows[4]?.slice(0, 3), ["to the first", "9.21x", "8.86x"]);
  assert.deepEqual(rows[6]?.slice(0, 2), ["to the first", "1.01x"]);
  assert.match(stderr, /taken for ns, which no file says: \S+nanos\.hlog/);
});

test("latency --json has exact values, units, times and points", async () => {
  const { stdout } = await runInProcess([
    ...["latency", NANOS, MILLIS, "--json", "--log-level", "silent"],
  ]);
  const [nanos, reads, millis] = JSON.parse(stdout);
  assert.equal(nanos.percentilesMs["99"], 0.119615);
  assert.equal(nanos.from, "2024-06-01T10:00:00.000Z");
  assert.equal(nanos.ratios, null);
  assert.ok(Math.abs(reads.ratios["99"] - 1.067007 / 0.119615) < 1e-9);
  assert.equal(millis.from, null);
  assert.equal(millis.unit, "ms");
  assert.equal(millis.points.at(-1)[1], millis.maxMs);
});

test("latency --plot draws all lines, on a page with the table too, and replaces nothing unasked", async () => {
  const folder = await mkdtemp(join(tmpdir(), "latency-"));
  for (const name of ["plot.svg", "plot.html"]) {
    const path = join(folder, name);
    const args = ["latency", NANOS, MILLIS, "--plot", path];
    assert.equal((await runInProcess(args)).exitCode, 0);
    const text = await readFile(path, "utf8");
    // A line and its mark in the legend, three times.
    assert.equal(text.match(/<polyline/g)?.length, 6);
    assert.match(text, /99\.99 %/);
    assert.match(text, /max 1\.19 ms/);
    assert.match(text, /prefers-color-scheme: dark/);
    assert.doesNotMatch(text, /NaN|Infinity|undefined/);
    assert.equal(text.includes("to the first"), name === "plot.html");
    const again = await runInProcess(args);
    assert.equal(again.exitCode, 2);
    assert.match(
      again.stderr,
      /it exists, take another name or let --overwrite/,
    );
    const asked = await runInProcess([...args, "--overwrite"]);
    assert.equal(asked.exitCode, 0);
  }
});

test("latency reads stdin, and files as options name them", async () => {
  const input = await readFile(NANOS, "utf8");
  const argv = ["latency", "-", `file:${MILLIS}`, "--json"];
  const { stdout, exitCode } = await runChild(argv, { input });
  assert.equal(exitCode, 0);
  const names = JSON.parse(stdout).map(({ name }: { name: string }) => name);
  assert.deepEqual(names, ["stdin", "stdin reads", MILLIS]);
  const empty = await runChild(["latency", "-"], { input: "" });
  assert.match(empty.stderr, /^Cannot read latencies of "stdin": it has no/);
});

test("latency refuses what it cannot do in a sentence", async () => {
  const sentences: [string[], number, RegExp][] = [
    [[], 2, /FILE is missing, the path of an \.hlog or \.hgrm file/],
    [["nix.hlog"], 1, /"nix\.hlog": there is no such file/],
    [[NANOS, "--plot", "a.png"], 2, /must end with \.svg or \.html/],
    [[NANOS, "--from", "soon"], 2, /--from must be seconds such as "90", a du/],
    [[NANOS, "--unit", "min"], 2, /--unit must be "ns", "us", "ms" or "s"/],
    [[MILLIS, "--to", "5"], 2, /--from and --to need a log/],
    [
      [NANOS, "--from", "30", "--to", "10"],
      2,
      /--from 30s is not before --to 10s, expected the earlier one for --from/,
    ],
    [
      [
        ...[NANOS, "--from", "2024-06-01T11:00:00Z"],
        ...["--to", "2024-06-01T11:00:00Z"],
      ],
      2,
      /--from 2024-06-01T11:00:00Z is not before --to 2024-06-01T11:00:00Z/,
    ],
  ];
  for (const [args, code, pattern] of sentences) {
    const { exitCode, stderr } = await runInProcess(["latency", ...args]);
    assert.match(stderr, pattern);
    assert.equal(exitCode, code);
  }
});
