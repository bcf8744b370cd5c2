import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { UsageError } from "../../src/errors.ts";
import { readDataset } from "../../src/generate/dataset.ts";

const FOLDER = mkdtempSync(join(tmpdir(), "sessionmill-dataset-"));
after(() => rmSync(FOLDER, { recursive: true }));

const SEED_DATASET = `
dataset:
  rows: 50
  composition_percentage:
    duplicates: 1
    missing_fields: 2
    unprocessable_rows: 3.5
    late_rows_percentage: 4
data_blocker:
  type: 'sleep'
  configuration:
    sleep_time_range_seconds:
      from: 1
      to: 7
entity:
  type: visit
  configuration:
    start_time: '2024-06-01T00:00:00Z'
generator:
  type: continuous
writer:
  type: kafka
  configuration:
    broker: 'kafka:9092'
    output_topic: 'visits'
    extra_producer_config:
      'queue.buffering.max.ms': 2000
`;

function write(text: string): string {
  const path = join(FOLDER, "dataset.yaml");
  writeFileSync(path, text);
  return path;
}

async function assertError(text: string, what: string): Promise<void> {
  const path = write(text);
  await assert.rejects(
    readDataset(path),
    new UsageError(`Cannot read dataset "${path}": ${what}`),
  );
}

/** The seed's file with one thing in it changed. */
function changed(from: string, to: string): string {
  assert.ok(SEED_DATASET.includes(from));
  return SEED_DATASET.replace(from, to);
}

test("readDataset() reads what the seed's own file says", async () => {
  assert.deepEqual(await readDataset(write(SEED_DATASET)), {
    presets: {
      count: "50",
      "start-time": "2024-06-01T00:00:00Z",
      "late-percent": "4",
      "duplicate-percent": "1",
      "missing-percent": "2",
      "unprocessable-percent": "3.5",
      brokers: "kafka:9092",
      "visits-to": "kafka:visits",
    },
    schedule: { runs: null, pauseSeconds: { from: 1, to: 7 } },
  });
});

test("readDataset() needs no more than the number of rows", async () => {
  assert.deepEqual(await readDataset(write("dataset: {rows: 10}")), {
    presets: { count: "10" },
    schedule: { runs: 1, pauseSeconds: null },
  });
});

test("readDataset() reads how often the rows are made", async () => {
  const rows = "dataset: {rows: 10}\n";
  const fixed = "generator: {type: fixed-times, configuration: {all_runs: 3}}";
  assert.equal((await readDataset(write(rows + fixed))).schedule.runs, 3);
  const oneShot = "generator: {type: one-shot}\ndata_blocker: {type: 'no'}";
  assert.deepEqual((await readDataset(write(rows + oneShot))).schedule, {
    runs: 1,
    pauseSeconds: null,
  });
});

test("readDataset() takes a start time without quotes", async () => {
  const text = changed("'2024-06-01T00:00:00Z'", "2023-11-24T00:00:00Z");
  const { presets } = await readDataset(write(text));
  assert.equal(presets["start-time"], "2023-11-24T00:00:00Z");
});

test("readDataset() names an unknown key and the known ones", async () => {
  await assertError(
    changed("rows: 50", "rows: 50\n  late_rows_percentage: 4"),
    "dataset.late_rows_percentage is unknown, expected one of rows, composition_percentage",
  );
  await assertError(
    `${SEED_DATASET}\nextra: 1`,
    "extra is unknown, expected one of dataset, data_blocker, entity, generator, writer",
  );
});

test("readDataset() names a wrong value and what would be right", async () => {
  await assertError(
    changed("rows: 50", "rows: many"),
    'dataset.rows must be a whole number from 1 to 1000000000000, got "many"',
  );
  await assertError(
    changed("duplicates: 1", "duplicates: 101"),
    "dataset.composition_percentage.duplicates must be a number from 0 to 100, got 101",
  );
  await assertError(
    changed("type: continuous", "type: sometimes"),
    'generator.type must be "one-shot" or "fixed-times" or "continuous", got "sometimes"',
  );
  await assertError(
    changed("type: kafka", "type: csv"),
    'writer.type must be "kafka", got "csv"',
  );
  await assertError(
    changed("2024-06-01T00:00:00Z", "yesterday"),
    'entity.configuration.start_time must be a time such as "2024-06-01T00:00:00Z", got "yesterday"',
  );
});

test("readDataset() says what is missing", async () => {
  await assertError(
    changed("rows: 50", ""),
    "dataset.rows must be a whole number from 1 to 1000000000000, got nothing",
  );
  await assertError(
    changed("type: continuous", "type: fixed-times"),
    'generator.configuration.all_runs must be given for type "fixed-times"',
  );
  await assertError(
    "dataset: {rows: 1}\ndata_blocker: {type: sleep}",
    'data_blocker.configuration.sleep_time_range_seconds must be given for type "sleep"',
  );
  await assertError(
    "",
    "the file must be a mapping of dataset, data_blocker, entity, generator, writer, got null",
  );
});

test("readDataset() refuses a range of pauses that goes down", async () => {
  await assertError(
    changed("to: 7", "to: 0"),
    "data_blocker.configuration.sleep_time_range_seconds must not go down, got from 1 to 0",
  );
});

test("readDataset() tells bad YAML and a missing file apart", async () => {
  const path = write("dataset: [");
  await assert.rejects(readDataset(path), /^UsageError: Cannot read dataset/);
  const itself = write("dataset: &a [*a]\n");
  await assert.rejects(readDataset(itself), /^UsageError: Cannot read dataset/);
  const alias = write("dataset: *rows\n");
  await assert.rejects(readDataset(alias), {
    message: `Cannot read dataset "${alias}": *rows at line 1 is an alias, and no &rows stands before it: text that begins with * needs quotes`,
  });
  const missing = join(FOLDER, "missing.yaml");
  await assert.rejects(readDataset(missing), {
    name: "UsageError",
    message: /^Cannot read dataset ".*missing.yaml": there is no such file/,
  });
});
