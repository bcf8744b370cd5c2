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
