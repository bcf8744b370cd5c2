import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { parse } from "yaml";
import { runInProcess } from "./fake_world.ts";

const folder = mkdtempSync(join(tmpdir(), "sessionmill-print-"));
after(() => rmSync(folder, { recursive: true }));

test("--print-config shows each value and where it was set", async () => {
  const path = join(folder, "a.yaml");
  writeFileSync(path, "group: readers\ngap: 5m\n");
  const { exitCode, stdout } = await runInProcess(
    ["run", "--config", path, "--gap", "90s", "--print-config"],
    { SESSIONMILL_WORKERS: "7" },
  );
  assert.equal(exitCode, 0);
  assert.match(stdout, /^gap: 1m30s +# --gap$/m);
  assert.match(stdout, /^workers: 7 +# SESSIONMILL_WORKERS$/m);
  assert.match(stdout, new RegExp(`^group: readers +# ${path}$`, "m"));
  assert.match(stdout, /^from: kafka:visits +# default$/m);
  assert.match(stdout, /^# max-skew: +# default$/m);
});

test("--print-config prints a config file that means the same", async () => {
  const flags = [
    ...["--to", "null", "--late-to", "-", "--gap", "1h30m", "--group", "true"],
    ...["--rate", "5/s", "--start-time", "2024-06-01T00:00:00.5Z", "--bounded"],
    ...["--histograms", "a b: c", "--late-percent", "0.5", "--max-skew", "1d"],
  ];
  const first = await runInProcess(["run", ...flags, "--print-config"]);
  const path = join(folder, "printed.yaml");
  writeFileSync(path, first.stdout);
  const second = await runInProcess([
    "run",
    "--config",
    path,
    "--print-config",
  ]);
  assert.equal(second.stderr, "");
  assert.deepEqual(parse(second.stdout), parse(first.stdout));
  assert.equal(parse(first.stdout).group, "true");
});

test("--print-config takes what a dataset says below what flags say", async () => {
  const path = join(folder, "dataset.yaml");
  writeFileSync(
    path,
    "dataset:\n  rows: 50\nentity:\n  configuration:\n    start_time: 2024-01-01T00:00:00Z\n",
  );
  const { stdout, stderr } = await runInProcess([
    ...["generate", "--dataset", path, "--count", "7", "--print-config"],
  ]);
  assert.equal(stderr, "");
  assert.match(stdout, /^count: 7 +# --count$/m);
  assert.match(stdout, /^start-time: 2024-01-01T00:00:00Z +# dataset /m);
});

test("generate has an output of its own in files and variables", async () => {
  const { stdout } = await runInProcess(["generate", "--print-config"], {
    SESSIONMILL_TO: "kafka:sessions",
  });
  assert.equal(parse(stdout)["visits-to"], "-");
  const flagged = await runInProcess([
    ...["generate", "--to", "null", "--print-config"],
  ]);
  assert.equal(parse(flagged.stdout)["visits-to"], "null");
});

test("--print-config shows no token", async () => {
  const token = "correct-horse-battery-staple";
  const { stdout, exitCode } = await runInProcess(
    ["ingest", "--print-config", "--cors", "https://shop.example"],
    { SESSIONMILL_INGEST_TOKEN: token },
  );
  assert.equal(exitCode, 0);
  assert.match(
    stdout,
    /^# ingest-token: \(not shown\) +# SESSIONMILL_INGEST_TOKEN$/m,
  );
  assert.match(stdout, /^cors: https:\/\/shop.example +# --cors$/m);
  assert.doesNotMatch(stdout, /horse/);
});

/** Lines of `run --print-config` by key, with what their comment says. */
async function printed(flags: readonly string[]) {
  const { stdout, stderr } = await runInProcess([
    ...["run", ...flags, "--print-config"],
  ]);
  assert.equal(stderr, "");
  const line = (key: string) =>
    stdout.split("\n").find((each) => RegExp(`^(# )?${key}:`).test(each));
  return { line: (key: string) => line(key)?.replace(/ +/g, " "), stdout };
}

test("--print-config shows what a run of files uses, as comments", async () => {
  const flags = ["--from", "file:x", "--to", "null", "--workers", "2"];
  const { line, stdout } = await printed(flags);
  assert.equal(
    line("deterministic"),
    "# deterministic: true # by the other options (default: false)",
  );
  assert.equal(
    line("guarantee"),
    "# guarantee: none # default: the most that the outputs allow",
  );
  assert.match(
    line("max-in-flight-bytes")!,
    /^# max-in-flight-bytes: 20MiB # /,
  );
  assert.match(line("admin")!, /^# admin: off # default: /);
  assert.equal(line("append"), "append: false # default");
  for (const key of ["commit-interval", "window-log"]) {
    assert.match(line(key)!, RegExp(`^# ${key}: # default$`));
  }
  // With another input beside it, the file must not say what this one made.
  const path = join(folder, "of-files.yaml");
  writeFileSync(path, stdout);
  const topic = await printed(["--config", path, "--from", "kafka:x"]);
  assert.match(topic.line("deterministic")!, /^deterministic: false #/);
});

test("--print-config shows what a run from a topic uses", async () => {
  const toTopic = await printed(["--group", "g"]);
  assert.match(
    toTopic.line("deterministic")!,
    /^deterministic: false # default/,
  );
  assert.match(toTopic.line("guarantee")!, /^# guarantee: exactly-once #/);
  assert.match(toTopic.line("commit-interval")!, /^# commit-interval: 100ms #/);
  assert.match(toTopic.line("window-log")!, /^# window-log: sessionmill-g-w/);
  assert.match(toTopic.line("admin")!, /^# admin: "?127\.0\.0\.1:9464"? #/);
  const toFile = await printed(["--to", "file:y"]);
  assert.match(toFile.line("guarantee")!, /^# guarantee: at-least-once #/);
  assert.match(toFile.line("commit-interval")!, /^# commit-interval: 250ms #/);
  assert.match(toFile.line("append")!, /^# append: true # by the other opt/);
});
