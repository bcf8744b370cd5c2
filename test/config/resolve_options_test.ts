import assert from "node:assert/strict";
import { test } from "node:test";
import {
  resolveRun,
  resolveYaml,
  runValues,
  type Settings,
} from "./support.ts";

test("resolveOptions() takes flags over environment over file over preset over default", () => {
  const settings: Settings = {
    flags: { gap: "1m" },
    environment: { SESSIONMILL_GAP: "2m" },
    file: { gap: "3m" },
    presets: { gap: "4m" },
  };
  const { flags, environment, file, presets } = settings;
  assert.equal(resolveRun(settings).values.gap, 60_000);
  assert.equal(
    resolveRun({ environment: environment!, file: file!, presets: presets! })
      .values.gap,
    120_000,
  );
  assert.equal(
    resolveRun({ file: file!, presets: presets! }).values.gap,
    180_000,
  );
  assert.equal(resolveRun({ presets: presets! }).values.gap, 240_000);
  assert.equal(resolveRun({}).values.gap, 600_000);
  assert.equal(resolveRun({ flags: flags! }).origins.gap, "--gap");
});

test("resolveOptions() says where each value was set", () => {
  const { origins } = resolveRun({
    flags: { gap: "1m" },
    environment: { SESSIONMILL_WORKERS: "3" },
    file: { group: "g" },
    presets: { seed: "7" },
  });
  assert.equal(origins.gap, "--gap");
  assert.equal(origins.workers, "SESSIONMILL_WORKERS");
  assert.equal(origins.group, "x.yaml");
  assert.equal(origins.seed, "y");
  assert.equal(origins.from, "default");
});

test("resolveOptions() lets a flag take back a switch of the file", () => {
  const file = { bounded: true };
  assert.equal(resolveRun({ file }).values.bounded, true);
  const flags = { bounded: false };
  assert.equal(resolveRun({ file, flags }).values.bounded, false);
});

test("resolveOptions() takes an empty variable for an unset one", () => {
  const environment = { SESSIONMILL_GAP: "" };
  assert.equal(resolveRun({ environment }).values.gap, 600_000);
});

test("resolveOptions() takes numbers, lists and null of YAML for their text", () => {
  const { values } = resolveRun({
    file: { workers: 3, brokers: ["a:1", "b:2"], to: null, "max-skew": "1h" },
  });
  assert.equal(values.workers, 3);
  assert.deepEqual(values.brokers, ["a:1", "b:2"]);
  assert.deepEqual(values.to, { kind: "null" });
  assert.equal(values["max-skew"], 3_600_000);
});

test("an error shows a list of a file as a list", async () => {
  for (const list of ["[1]", "[1,2]", '["ten"]']) {
    await assert.rejects(resolveYaml(`gap: ${list}`), (error: Error) =>
      error.message.endsWith(`, got ${list}`),
    );
  }
});

const MISREAD: readonly [line: string, got: string][] = [
  ["group: 0123", "got 0123, which YAML reads as 123: put it in quotes"],
  ["group: 1e3", "got 1e3, which YAML reads as 1000: put it in quotes"],
  ["group: 0x10", "got 0x10, which YAML reads as 16: put it in quotes"],
  ["group: 1.50", "got 1.50, which YAML reads as 1.5: put it in quotes"],
  ["group: True", "got True, which YAML reads as true: put it in quotes"],
  ["group: null", "got null, which YAML reads as null: put it in quotes"],
  ["group: ~", "got ~, which YAML reads as null: put it in quotes"],
  ["group:", "got nothing, which YAML reads as null: put it in quotes"],
  ["histograms: 007", "got 007, which YAML reads as 7: put it in quotes"],
  ["to: ~", "got ~, which YAML reads as null: put it in quotes"],
];

for (const [line, got] of MISREAD) {
  test(`resolveOptions() wants quotes around the text in "${line}"`, async () => {
    await assert.rejects(resolveYaml(`${line}\n`), (error: Error) => {
      assert.equal(error.name, "UsageError");
      const key = line.split(":", 1)[0];
      assert.match(
        error.message,
        RegExp(`^Cannot read config .*: ${key} must`),
      );
      assert.ok(error.message.endsWith(`, ${got}`), error.message);
      return true;
    });
  });
}

test("resolveOptions() takes the text that YAML leaves as it is written", async () => {
  const { values } = await resolveYaml(
    "group: 123\nworkers: 0x2\ncount: 1e3\nbounded: True\nto: null\n",
  );
  assert.equal(values.group, "123");
  assert.equal(values.workers, 2);
  assert.equal(values.count, 1000);
  assert.equal(values.bounded, true);
  assert.deepEqual(values.to, { kind: "null" });
  for (const text of ["'0123'", "yes", "1_000", "2024-01-01"]) {
    const { values } = await resolveYaml(`group: ${text}\n`);
    assert.equal(values.group, text.replaceAll("'", ""));
  }
});

test("resolveOptions() leaves options of other commands in a file alone", () => {
  assert.equal(resolveRun({ file: { dataset: "d.yaml" } }).values.seed, 1);
});

test("resolveOptions() names a wrong value, its place and what is right", () => {
  const wanted = 'must be a positive duration such as "10m", of at most a year';
  assertFails(
    { file: { gap: "ten" } },
    `Cannot read config "x.yaml": gap ${wanted}, got "ten"`,
  );
  assertFails(
    { environment: { SESSIONMILL_GAP: "0" } },
    `Cannot read the environment: SESSIONMILL_GAP ${wanted}, got "0"`,
  );
  assertFails(
    { flags: { gap: "400d" } },
    `Cannot read the command line: --gap ${wanted}, got "400d"`,
  );
  assertFails(
    { file: { gap: { minutes: 10 } } },
    `Cannot read config "x.yaml": gap ${wanted}, got {"minutes":10}`,
  );
  assertFails(
    { presets: { gap: "ten" } },
    `Cannot read y: gap ${wanted}, got "ten"`,
  );
});

const RATE_WANTED =
  'a positive rate such as "50000/s" or "50k", of at most 10000000/s';

const BAD_VALUES: readonly [flag: string, text: string, expected: string][] = [
  ["from", "visits", '"generator", "-", "file:PATH" or "kafka:TOPIC"'],
  ["from", "null", '"generator", "-", "file:PATH" or "kafka:TOPIC"'],
  ["to", "file:", '"-", "file:PATH", "null" or "kafka:TOPIC"'],
  ["late-to", "generator", '"-", "file:PATH", "null" or "kafka:TOPIC"'],
  ["workers", "0", "a whole number from 1 to 256"],
  ["workers", "1.5", "a whole number from 1 to 256"],
  [
    "allowed-lateness",
    "-1s",
    'a duration such as "30s", or 0, of at most a year',
  ],
  ["time-precision", "us", '"s" or "ms"'],
  ["page-order", "date", '"text" or "time"'],
  ["route-by", "hash", '"visit_id" or "key"'],
  ["brokers", "localhost", 'brokers such as "host1:9092,host2:9092"'],
  ["brokers", "a:70000", 'brokers such as "host1:9092,host2:9092"'],
  ["brokers", "a:1,,b:2", 'brokers such as "host1:9092,host2:9092"'],
  ["max-record-bytes", "1GiB", 'a size such as "64MiB", from 1 to 256MiB'],
  ["max-in-flight-bytes", "1", 'a size such as "64MiB", from 1MiB to 16GiB'],
  ["rate", "fast", RATE_WANTED],
  ["rate", "0/s", RATE_WANTED],
  ["rate", "11M", RATE_WANTED],
  ["rate", "k", RATE_WANTED],
  ["count", "many", "a whole number from 0 to 1000000000000"],
  ["late-percent", "101", "a number from 0 to 100"],
  ["start-time", "2024-06-01", 'a time such as "2024-06-01T00:00:00Z"'],
  [
    "start-time",
    "2024-02-30T00:00:00Z",
    'a time such as "2024-06-01T00:00:00Z"',
  ],
  ["group", "", "the name of a consumer group"],
  ["log-level", "loud", '"debug", "info", "warn", "error" or "silent"'],
  ["bounded", "maybe", "true or false"],
];

for (const [flag, text, expected] of BAD_VALUES) {
  test(`resolveOptions() refuses --${flag} "${text}"`, () => {
    assertFails(
      { flags: { [flag]: text } },
      `Cannot read the command line: --${flag} must be ${expected}, got "${text}"`,
    );
  });
}

test("resolveOptions() names an unknown key of a file and the nearest one", () => {
  assertFails(
    { file: { gapp: "10m" } },
    'Cannot read config "x.yaml": "gapp" is no option of a config file, did you mean "gap"',
  );
  assertFails(
    { file: { colour: "red" } },
    'Cannot read config "x.yaml": "colour" is no option of a config file',
  );
  assertFails(
    { file: { constructor: "red" } },
    'Cannot read config "x.yaml": "constructor" is no option of a config file',
  );
});

test("resolveOptions() refuses near misses among the variables only", () => {
  assertFails(
    { environment: { SESSIONMILL_WORKER: "2" } },
    'Cannot read the environment: SESSIONMILL_WORKER is no option, did you mean "SESSIONMILL_WORKERS"',
  );
  const environment = {
    SESSIONMILL_SERVICE_HOST: "10.0.0.1",
    SESSIONMILL_PORT_9000_TCP: "tcp://10.0.0.1:9000",
    SESSIONMILL_TEST_BROKERS: "localhost:9092",
  };
  assert.equal(resolveRun({ environment }).values.gap, 600_000);
});

test("resolveOptions() reads every form of a value", () => {
  const values = runValues({
    from: "-",
    to: "file:a b.jsonl",
    brokers: "[::1]:9092, kafka.example:9093",
    rate: "50000/s",
    "start-time": "2024-06-01T02:00:00+02:00",
    "late-percent": "0.5",
    "max-in-flight-bytes": "64MiB",
  });
  assert.deepEqual(values.from, { kind: "stdin" });
  assert.deepEqual(values.to, { kind: "file", path: "a b.jsonl" });
  assert.deepEqual(values.brokers, ["[::1]:9092", "kafka.example:9093"]);
  assert.equal(values.rate, 50_000);
  assert.equal(values["start-time"], Date.UTC(2024, 5, 1));
  assert.equal(values["late-percent"], 0.5);
  assert.equal(values["max-in-flight-bytes"], 67_108_864);
});

function assertFails(settings: Settings, message: string): void {
  assert.throws(() => resolveRun(settings), { name: "UsageError", message });
}
