import assert from "node:assert/strict";
import { test } from "node:test";
import { runInProcess } from "./fake_world.ts";

const PLACE = "Cannot read the command line:";
const NO_NAME =
  'the name of a topic has no " ", only letters, digits, ".", "_" and "-"';

const CASES: readonly [argv: string[], sentence: string][] = [
  [
    ["run", "--gapp", "1m"],
    `${PLACE} unknown option "--gapp", did you mean "--gap"`,
  ],
  [["run", "--colour"], `${PLACE} unknown option "--colour"`],
  [["runn"], `${PLACE} unknown command "runn", did you mean "run"`],
  [["dance"], `${PLACE} unknown command "dance"`],
  [["help", "dance"], `${PLACE} unknown command "dance"`],
  [
    ["--workers", "2"],
    `${PLACE} --workers belongs behind a command, as in "sessionmill run --workers"`,
  ],
  [
    ["--gap=1m"],
    `${PLACE} --gap belongs behind a command, as in "sessionmill run --gap"`,
  ],
  [["run", "fast"], `${PLACE} "run" takes no argument, got "fast"`],
  [["replay"], `${PLACE} FILE is missing, a path or -`],
  [["replay", "a", "b"], `${PLACE} "replay" takes one argument, got "a, b"`],
  [["run", "--gap"], `${PLACE} --gap needs its TIME`],
  [
    ["run", "--overwrite=true"],
    `${PLACE} --overwrite takes no value, got "true"`,
  ],
  [["tail", "--json=a=b"], `${PLACE} --json takes no value, got "a=b"`],
  [["run", "--json=1"], `${PLACE} unknown option "--json=1"`],
  [["latency", "-", "a", "-"], `${PLACE} - is stdin, which is there once`],
  [
    ["run", "--from", "kafka:a b"],
    `${PLACE} --from must be "generator", "-", "file:PATH" or "kafka:TOPIC", got "kafka:a b": ${NO_NAME}`,
  ],
  [
    ["ingest", "--to", "kafka:a b"],
    `${PLACE} --to must be "kafka:TOPIC", got "kafka:a b": ${NO_NAME}`,
  ],
  [
    ["tail", "kafka:a b"],
    `${PLACE} the topic of the sessions must be "kafka:TOPIC", got "kafka:a b": ${NO_NAME}`,
  ],
  [
    ["run", "--gap", "ten"],
    `${PLACE} --gap must be a positive duration such as "10m", of at most a year, got "ten"`,
  ],
  [
    ["run", "--config", "no.yaml"],
    'Cannot read config "no.yaml": there is no such file',
  ],
  [
    ["run", "--kafka-config", "no.yaml"],
    'Cannot read config "no.yaml": there is no such file',
  ],
  [
    ["run", "--to", "-", "--late-to", "-"],
    'Cannot run: --to and --late-to are both "-", each needs its own',
  ],
  [
    [
      "generate",
      "--late-percent",
      "60",
      "--missing-percent",
      "60",
      "--to",
      "null",
    ],
    "Cannot generate visits: late, missing and unprocessable percent add up to 120, expected at most 100",
  ],
];

for (const [argv, sentence] of CASES) {
  test(`sessionmill ${argv.join(" ")} is bad usage`, async () => {
    const outcome = await runInProcess(argv);
    assert.equal(outcome.stderr, `${sentence}\n`);
    assert.equal(outcome.stdout, "");
    assert.equal(outcome.exitCode, 2);
  });
}

test("a file that cannot be read is no bad usage but a failure", async () => {
  const flags = ["--from", "file:no/such/file", "--to", "null"];
  const { exitCode, stderr } = await runInProcess(["run", ...flags]);
  assert.match(stderr, /^Cannot read .*no\/such\/file.*\n$/);
  assert.equal(exitCode, 1);
});

test("a file that cannot be written is a failure", async () => {
  const { exitCode, stderr } = await runInProcess([
    ...["run", "--from", "generator", "--count", "1"],
    ...["--to", "file:no/such/folder/file"],
  ]);
  assert.match(stderr, /^Cannot write .*no\/such\/folder\/file.*\n$/);
  assert.equal(exitCode, 1);
});

test("a broker that does not answer is a failure within 5 s", async () => {
  const startMs = performance.now();
  const { exitCode, stderr } = await runInProcess([
    ...["run", "--brokers", "127.0.0.1:1", "--to", "null"],
  ]);
  assert.match(stderr, /^Cannot .*127\.0\.0\.1:1.*\n$/);
  assert.equal(exitCode, 1);
  assert.ok(performance.now() - startMs < 5000);
});
