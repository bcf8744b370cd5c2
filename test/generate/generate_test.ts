import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { KafkaConfig, SinkSpec } from "../../src/config/config.ts";
import {
  DEFAULT_GENERATOR,
  DEMO_GENERATOR,
} from "../../src/config/generator_defaults.ts";
import {
  type GenerateOptions,
  runGenerate,
} from "../../src/generate/generate.ts";
import { collect } from "./collect.ts";

const FOLDER = mkdtempSync(join(tmpdir(), "sessionmill-generate-"));
after(() => rmSync(FOLDER, { recursive: true }));

const KAFKA: KafkaConfig = {
  brokers: ["127.0.0.1:1"],
  group: "unused",
  createTopics: false,
  security: {},
};
const NULL_SINK: SinkSpec = { kind: "null" };

function options(changes: Partial<GenerateOptions>): GenerateOptions {
  return {
    generator: DEFAULT_GENERATOR,
    to: NULL_SINK,
    kafka: KAFKA,
    signal: new AbortController().signal,
    ...changes,
  };
}

test("runGenerate() writes a line for each record, and counts them", async () => {
  const path = join(FOLDER, "visits.jsonl");
  const generator = { ...DEMO_GENERATOR, count: 3000, duplicatePercent: 10 };
  const to: SinkSpec = { kind: "file", path };
  const summary = await runGenerate(options({ generator, to }));
  const text = readFileSync(path, "utf8");
  const { records, counts } = collect(3000, generator);
  assert.equal(text, records.map(({ value }) => `${value}\n`).join(""));
  const { byteLength, elapsedMs, ...summed } = summary;
  assert.deepEqual(summed, counts);
  assert.equal(byteLength, text.length);
  assert.equal(summed.visits, 3000);
  assert.equal(summed.records, summed.visits + summed.duplicates);
  assert.ok(summed.duplicates > 200 && elapsedMs > 0);
});

test("runGenerate() keeps to the rate", async () => {
  const generator = {
    ...DEFAULT_GENERATOR,
    count: 300,
    ratePerSecond: 1000,
  };
  const { elapsedMs, visits } = await runGenerate(options({ generator }));
  assert.equal(visits, 300);
  assert.ok(elapsedMs >= 299, `it took ${elapsedMs} ms`);
  assert.ok(elapsedMs < 2000, `it took ${elapsedMs} ms`);
});

test("runGenerate() without a count goes on until it is told to stop", async () => {
  const stopping = new AbortController();
  const { visits } = await runGenerate(
    options({
      signal: stopping.signal,
      onProgress: ({ records }) => {
        if (records > 20_000) stopping.abort();
      },
    }),
  );
  assert.ok(visits > 20_000 && visits < 25_000);
});

test("runGenerate() stops at once while it waits for the rate", async () => {
  const stopping = new AbortController();
  const generator = { ...DEFAULT_GENERATOR, ratePerSecond: 0.01 };
  const done = runGenerate(options({ generator, signal: stopping.signal }));
  setTimeout(() => stopping.abort(), 20);
  const { visits, elapsedMs } = await done;
  assert.equal(visits, 1);
  assert.ok(elapsedMs < 5000);
});

test("runGenerate() makes its runs one after the other, with pauses", async () => {
  const generator = { ...DEFAULT_GENERATOR, count: 100 };
  const schedule = { runs: 3, pauseSeconds: { from: 0, to: 0 } };
  const summary = await runGenerate(options({ generator, schedule }));
  assert.equal(summary.visits, 300);
  const slow = { runs: 2, pauseSeconds: { from: 1, to: 1 } };
  const paused = await runGenerate(options({ generator, schedule: slow }));
  assert.equal(paused.visits, 200);
  assert.ok(paused.elapsedMs >= 999, `it took ${paused.elapsedMs} ms`);
});

test("runGenerate() in endless runs stops in the middle of a pause", async () => {
  const stopping = new AbortController();
  const { visits, elapsedMs } = await runGenerate(
    options({
      generator: { ...DEFAULT_GENERATOR, count: 100 },
      schedule: { runs: null, pauseSeconds: { from: 60, to: 60 } },
      signal: stopping.signal,
      onProgress: () => setTimeout(() => stopping.abort(), 20),
    }),
  );
  assert.equal(visits, 100);
  assert.ok(elapsedMs < 5000);
});

test("runGenerate() fails with the reason when a file cannot be written", async () => {
  const path = join(FOLDER, "no", "such", "folder");
  await assert.rejects(runGenerate(options({ to: { kind: "file", path } })), {
    name: "WorldError",
    message: /^Cannot write file ".*folder": its folder does not exist$/,
  });
});

test("runGenerate() ends cleanly when the reader of stdout goes away", async () => {
  const module = new URL("../../src/generate/generate.ts", import.meta.url);
  const defaults = new URL(
    "../../src/config/generator_defaults.ts",
    import.meta.url,
  );
  const script = `
    import { runGenerate } from "${module}";
    import { DEFAULT_GENERATOR } from "${defaults}";
    await runGenerate({
      generator: DEFAULT_GENERATOR,
      to: { kind: "stdout" },
      kafka: ${JSON.stringify(KAFKA)},
      signal: new AbortController().signal,
    });`;
  const child = spawn(
    process.execPath,
    ["--input-type=module", "--eval", script],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let errors = "";
  child.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  const [chunk] = await once(child.stdout, "data");
  child.stdout.destroy();
  const [code] = await once(child, "close");
  assert.match(String(chunk), /^\{"visit_id": "/);
  assert.equal(errors, "");
  assert.equal(code, 0);
});
