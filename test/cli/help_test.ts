import assert from "node:assert/strict";
import { test } from "node:test";
import { EXPLAIN_OPTIONS } from "../../src/config/explain_options.ts";
import { GENERATE_OPTIONS } from "../../src/config/generate_options.ts";
import { INGEST_OPTIONS } from "../../src/config/ingest_options.ts";
import { LATENCY_OPTIONS } from "../../src/config/latency_options.ts";
import { LOAD_OPTIONS } from "../../src/config/load_options.ts";
import { environmentName, type OptionSet } from "../../src/config/option.ts";
import { REPLAY_OPTIONS } from "../../src/config/replay_options.ts";
import { RUN_OPTIONS } from "../../src/config/run_options.ts";
import { STATE_OPTIONS } from "../../src/config/state_options.ts";
import { TAIL_OPTIONS } from "../../src/config/tail_options.ts";
import { runInProcess } from "./fake_world.ts";

const COMMANDS: Readonly<Record<string, OptionSet>> = {
  run: RUN_OPTIONS,
  generate: GENERATE_OPTIONS,
  ingest: INGEST_OPTIONS,
  replay: REPLAY_OPTIONS,
  state: STATE_OPTIONS,
  load: LOAD_OPTIONS,
  tail: TAIL_OPTIONS,
  latency: LATENCY_OPTIONS,
  explain: EXPLAIN_OPTIONS,
};

for (const [name, options] of Object.entries(COMMANDS)) {
  test(`${name} --help shows every option with its default, and examples`, async () => {
    const { exitCode, stdout, stderr } = await runInProcess([name, "--help"]);
    assert.equal(exitCode, 0);
    assert.equal(stderr, "");
    for (const option of Object.values(options)) {
      const line = stdout
        .replaceAll(/\n {10,}/g, " ")
        .split("\n")
        .find((each) => each.trim().startsWith(`${option.flag} `));
      assert.ok(line?.includes(option.description), option.flag);
      if (option.placeholder !== null && option.defaultText !== null) {
        const note = option.defaultNote ?? option.defaultText;
        assert.ok(line?.includes(`(default: ${note})`), line);
      }
    }
    assert.match(stdout, /\nExamples:\n {2}sessionmill /);
    assert.ok(stdout.includes("Flags win over the environment"));
  });

  test(`${name} --help says where else its options can be set`, async () => {
    const { stdout } = await runInProcess([name, "--help"]);
    const text = stdout.replace(/\s+/g, " ");
    const listed =
      /over the file\. (.*) (?:is|are) for the command line alone,/;
    const flags = listed.exec(text)![1]!.split(/, | and /);
    const all = Object.entries(options);
    const isOf = (place: string) =>
      all.filter(([, it]) => it.settableIn === place);
    assert.deepEqual(
      flags,
      isOf("flag").map(([, { flag }]) => flag),
    );
    assert.deepEqual(
      isOf("flag-or-env").map(([key]) => key),
      ["config"],
    );
    for (const [key, { flag }] of isOf("anywhere")) {
      if (flag === `--${key}`) continue;
      const variable = environmentName(key);
      const rest = `Only ${flag} differs: here it is ${variable}, or ${key} in a file.`;
      assert.ok(text.includes(rest), rest);
    }
  });

  test(`${name} --help fits into 80 columns`, async () => {
    const { stdout } = await runInProcess([name, "--help"]);
    const long = stdout.split("\n").filter((line) => line.length > 80);
    assert.deepEqual(long, []);
  });

  test(`help ${name} is ${name} --help`, async () => {
    assert.deepEqual(
      await runInProcess(["help", name]),
      await runInProcess([name, "--help"]),
    );
  });
}

test("--help shows the commands and speaks of the demo", async () => {
  const { exitCode, stdout } = await runInProcess(["--help"]);
  assert.equal(exitCode, 0);
  for (const name of Object.keys(COMMANDS)) {
    assert.match(stdout, new RegExp(`\\n {2}${name} `));
  }
  assert.match(stdout, /demo/);
});

test("latency --help says that from and to in a file are not its own", async () => {
  const { stdout } = await runInProcess(["latency", "--help"]);
  assert.match(
    stdout.replace(/\s+/g, " "),
    / In a file or the environment, from and to are options of other commands\. /,
  );
});

test("--version prints the version of the package", async () => {
  const { exitCode, stdout } = await runInProcess(["--version"]);
  assert.equal(exitCode, 0);
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
});
