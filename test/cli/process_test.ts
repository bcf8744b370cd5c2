import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { moduleOf, readHeadOfChild, runChild } from "./child_process.ts";

const folder = mkdtempSync(join(tmpdir(), "sessionmill-process-"));
after(() => rmSync(folder, { recursive: true }));

const VISIT = '{"visit_id": "a", "event_time": "2024-06-01T00:00:00Z"}\n';

test("the process exits 2 for bad usage, with one sentence and no stack", async () => {
  const { exitCode, stdout, stderr } = await runChild(["run", "--gapp"]);
  assert.equal(exitCode, 2);
  assert.equal(stdout, "");
  assert.equal(stderr.split("\n").length, 2);
});

test("the process exits 1 when the world is not ready", async () => {
  const outcome = await runChild(["replay", "no/such/file"]);
  assert.equal(outcome.exitCode, 1);
  assert.match(outcome.stderr, /^Cannot .*no\/such\/file.*\n$/);
});

test("the process says that Node is too old, and no more", async () => {
  const pretence =
    'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "23.9.0" } })';
  const { exitCode, stdout, stderr } = await runChild(["--help"], {
    environment: { NODE_OPTIONS: `--import=${moduleOf(pretence)}` },
  });
  assert.equal(exitCode, 1);
  assert.equal(stdout, "");
  assert.equal(
    stderr,
    "Cannot run on Node 23.9.0: version 24 or newer is needed\n",
  );
});

test("the process does without what other runtimes than Node lack", async () => {
  const lack =
    'import module from "node:module"; module.enableCompileCache = undefined;';
  const { exitCode, stdout, stderr } = await runChild(["--version"], {
    environment: { NODE_OPTIONS: `--import=${moduleOf(lack)}` },
  });
  assert.equal(stderr, "");
  assert.match(stdout, /^\d/);
  assert.equal(exitCode, 0);
});

test("the process reads variables", async () => {
  const { exitCode, stderr } = await runChild(["run"], {
    environment: { SESSIONMILL_GAP: "ten" },
  });
  assert.equal(exitCode, 2);
  assert.match(stderr, /SESSIONMILL_GAP must be/);
});

test("run from stdin to stdout writes data only to stdout", async () => {
  const { exitCode, stdout, stderr } = await runChild(
    ["run", "--from", "-", "--to", "-", "--workers", "1"],
    { input: `${VISIT}broken\n` },
  );
  assert.equal(exitCode, 0);
  assert.equal(stdout.split("\n").length, 2);
  assert.equal(JSON.parse(stdout).visit_id, "a");
  assert.match(stderr, /^2 visits in /m);
  assert.match(stderr, /in sessions +1 /);
  assert.match(stderr, /rejected +1 +not_json 1$/m);
  assert.match(stderr, /processing latency +p50 .* p90 .* p99 .* p99\.9 /);
  assert.doesNotMatch(stderr, new RegExp(String.fromCharCode(27)));
});

test("run with JSON logs writes one object a line to stderr", async () => {
  const { stderr } = await runChild(
    ["run", "--from", "-", "--to", "null", "--log-format", "json"],
    { input: `${VISIT}broken\n` },
  );
  const lines = stderr
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  assert.equal(lines.at(-1).visitsIn, 2);
  assert.equal(lines.at(-1).watermark, "end of input");
});

const DEFECT = moduleOf(
  "setTimeout(() => { throw new Error('by nobody') }, 1500);",
);
const JSON_FAILURES: readonly [
  name: string,
  run: Parameters<typeof runChild>,
  exitCode: number,
][] = [
  ["an unknown flag", [["run", "--gapp", "--log-format=json"]], 2],
  ["a wrong value", [["run", "--gap=ten", "--log-format", "json"]], 2],
  ["a missing file", [["replay", "no/file", "--log-format", "json"]], 1],
  [
    "a broker that is not there",
    [
      ["generate", "--to=kafka:v", "--brokers=127.0.0.1:1"],
      { environment: { SESSIONMILL_LOG_FORMAT: "json" } },
    ],
    1,
  ],
  [
    "what nobody catches, where a config file asks for JSON",
    [
      // No progress: the failure is all that is told.
      [
        ...["generate", "--to", "null", "--rate", "10/s"],
        ...["--progress", "off", "--config", "json.yaml"],
      ],
      { folder, environment: { NODE_OPTIONS: `--import=${DEFECT}` } },
    ],
    1,
  ],
];

for (const [name, run, code] of JSON_FAILURES) {
  test(`with JSON logs, ${name} is told as JSON`, async () => {
    writeFileSync(join(folder, "json.yaml"), "log-format: json\n");
    const { exitCode, stderr } = await runChild(...run);
    const { level, msg } = JSON.parse(stderr);
    assert.equal(level, "fatal");
    assert.match(msg, /^Cannot /);
    assert.equal(exitCode, code);
  });
}

test("generate with JSON logs ends with its summary as JSON", async () => {
  const flags = ["--to", "null", "--count", "100", "--log-format", "json"];
  const { stderr } = await runChild(["generate", ...flags]);
  const { level, msg, records } = JSON.parse(stderr);
  assert.deepEqual([level, msg], ["info", "generating is over"]);
  assert.ok(records >= 100);
});

test("run says nothing when it should be silent", async () => {
  const { exitCode, stderr } = await runChild(
    ["run", "--from", "-", "--to", "null", "--log-level", "silent"],
    { input: VISIT },
  );
  assert.equal(exitCode, 0);
  assert.equal(stderr, "");
});

test("run writes histograms where it is told to", async () => {
  const histograms = join(folder, "histograms");
  const { exitCode } = await runChild(
    ["run", "--from", "-", "--to", "null", "--histograms", histograms],
    { input: VISIT },
  );
  assert.equal(exitCode, 0);
  const text = readFileSync(join(histograms, "processing.hgrm"), "utf8");
  assert.match(text, /^ +Value +Percentile +TotalCount 1\/\(1-Percentile\)\n/);
});

test("run ends cleanly when the reader of stdout has seen enough", async () => {
  const flags = ["--from", "generator", "--to", "-", "--workers", "1"];
  const outcome = await readHeadOfChild(["run", ...flags], 100);
  assert.match(outcome.stdout, /^\{"visit_id": /);
  assert.equal(outcome.exitCode, 0);
  assert.doesNotMatch(outcome.stderr, /EPIPE|Cannot/);
});

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  test(`${signal} ends an endless run with a summary and exit code 0`, async () => {
    const { exitCode, stderr } = await runChild(
      [
        ...["run", "--from", "generator", "--to", "null", "--workers", "1"],
        // Broken records make the warning that the signal waits for.
        ...["--unprocessable-percent", "10", "--rate", "20000/s"],
      ],
      { signal },
    );
    assert.equal(exitCode, 0);
    assert.match(stderr, /visits in .* visits\/s\n {2}in sessions /);
    assert.match(stderr, /in open windows +[1-9]/);
    const told = stderr.split("\n").filter((line) => line.includes("stopped"));
    assert.equal(told.length, 1, stderr);
    assert.match(
      told[0]!,
      new RegExp(`^[\\d:]{8} info  stopped by ${signal}$`),
    );
  });
}
