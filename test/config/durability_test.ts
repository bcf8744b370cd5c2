import assert from "node:assert/strict";
import { test } from "node:test";
import { runConfigOf } from "../../src/config/run_config.ts";
import { runValues } from "./support.ts";

const EXACTLY = { guarantee: "exactly-once" };
const AT_LEAST = { guarantee: "at-least-once" };

test("a run with a guarantee has the documented defaults", async () => {
  const flags = { ...EXACTLY, group: "g", instance: "a" };
  const { durability, kafkaSource } = await runConfigOf(runValues(flags));
  assert.deepEqual(durability, {
    guarantee: "exactly-once",
    commitIntervalMs: 100,
    transactionTimeoutMs: 10_000,
    windowLog: "sessionmill-g-windows",
    transactionalId: "g-a",
    shardTimeoutMs: 60_000,
  });
  assert.equal(kafkaSource.instance, "a");
  assert.equal(kafkaSource.sessionTimeoutMs, 10_000);
  // Nobody waits for these commits: they only bound what comes again.
  const atLeast = await runConfigOf(runValues(AT_LEAST));
  assert.equal(atLeast.durability?.commitIntervalMs, 250);
});

test("a run with a guarantee takes what it is told", async () => {
  const { durability, kafkaSource } = await runConfigOf(
    runValues({
      ...AT_LEAST,
      instance: "host-1",
      "commit-interval": "2s",
      "transaction-timeout": "1m",
      "session-timeout": "45s",
      "window-log": "windows",
      "shard-timeout": "5s",
    }),
  );
  assert.deepEqual(durability, {
    guarantee: "at-least-once",
    commitIntervalMs: 2000,
    transactionTimeoutMs: 60_000,
    windowLog: "windows",
    transactionalId: "visits_reader-host-1",
    shardTimeoutMs: 5000,
  });
  assert.equal(kafkaSource.sessionTimeoutMs, 45_000);
});

test("without a name each run has another transactional id", async () => {
  const idOf = async () => {
    const config = await runConfigOf(runValues({ ...EXACTLY, group: "g" }));
    return config.durability!.transactionalId;
  };
  const first = await idOf();
  assert.match(first, /^g-[\da-f]{8}-[\da-f-]{27}$/);
  assert.notEqual(await idOf(), first);
});

const DEFAULTS: readonly (readonly [
  flags: Record<string, string>,
  guarantee: string | null,
])[] = [
  [{}, "exactly-once"],
  [{ "late-to": "kafka:late", "dead-letter-to": "null" }, "exactly-once"],
  [{ "dead-letter-to": "file:dead" }, "at-least-once"],
  [{ to: "-" }, "at-least-once"],
  [{ to: "file:out" }, "at-least-once"],
  [{ to: "null" }, "at-least-once"],
  [{ bounded: "true" }, null],
  [{ from: "file:in" }, null],
  [{ from: "-" }, null],
  [{ from: "generator" }, null],
];

for (const [flags, guarantee] of DEFAULTS) {
  const name = Object.entries(flags).flat().join(" ") || "nothing";
  test(`a run that says ${name} promises ${guarantee ?? "nothing"}`, async () => {
    const { durability } = await runConfigOf(runValues(flags));
    assert.equal(durability?.guarantee ?? null, guarantee);
  });
}

test("without a guarantee nothing is committed", async () => {
  for (const flags of [{ guarantee: "none" }, { from: "file:in" }]) {
    const { durability } = await runConfigOf(runValues(flags));
    assert.equal(durability, null);
  }
});

const REFUSED: readonly (readonly [Record<string, string>, string])[] = [
  ...["file:in", "-", "generator"].map(
    (from) =>
      [
        { ...AT_LEAST, from },
        "--guarantee at-least-once needs --from kafka:TOPIC: other inputs have " +
          "no offsets to commit, add --guarantee none",
      ] as const,
  ),
  ...[{ bounded: "true" }, { bounded: "true", live: "true" }].map(
    (flags) =>
      [
        { ...EXACTLY, ...flags },
        "--guarantee exactly-once and --bounded exclude each other: such a run " +
          "starts fresh and commits nothing, add --guarantee none",
      ] as const,
  ),
  [
    { ...EXACTLY, deterministic: "true" },
    "--deterministic needs an input that ends, add --bounded; the watermarks " +
      "of an endless topic come as time goes",
  ],
  [
    { ...AT_LEAST, "on-new-topic": "flush" },
    "--guarantee at-least-once and --on-new-topic flush exclude each other: " +
      "what is committed is of the topic that was; add --on-new-topic drop, or " +
      "--guarantee none, or start anew with: sessionmill state reset " +
      "--from kafka:visits --brokers 127.0.0.1:9092 --group visits_reader " +
      "--window-log sessionmill-visits_reader-windows",
  ],
  [
    { ...AT_LEAST, "route-by": "key" },
    "--guarantee at-least-once needs --route-by visit_id: who takes a session " +
      "over must follow from its visit_id; or add --guarantee none",
  ],
  ...[
    ["to", "-"],
    ["to", "file:out"],
    ["late-to", "file:late"],
    ["dead-letter-to", "-"],
  ].map(
    ([key, place]) =>
      [
        { ...EXACTLY, [key!]: place! },
        `--guarantee exactly-once needs a topic, such as --${key} kafka:TOPIC: ` +
          "files and stdout are outside of its transactions, --guarantee " +
          "at-least-once writes them",
      ] as const,
  ),
  [
    { ...EXACTLY, "commit-interval": "500ms", "transaction-timeout": "1s" },
    "--transaction-timeout must be more than two commit intervals, which are " +
      "1s, got 1s",
  ],
  [
    { ...EXACTLY, group: "g".repeat(1020), "window-log": "w", instance: "abc" },
    "a transactional id of --group and --instance may have 1024 bytes, this " +
      "one has 1026: shorten them",
  ],
  [
    { ...EXACTLY, "window-log": "sessions" },
    '--to and --window-log are both "kafka:sessions", each needs its own',
  ],
  [
    { ...AT_LEAST, to: "file:out", overwrite: "true" },
    "--overwrite would replace what runs before have written, which " +
      "--guarantee at-least-once keeps: remove the file, or add --guarantee none",
  ],
];

for (const [flags, message] of REFUSED) {
  const name = Object.entries(flags)
    .map(([key, text]) => `--${key} ${text.slice(0, 20)}`)
    .join(" ");
  test(`a run is refused: ${name}`, async () => {
    await assert.rejects(runConfigOf(runValues(flags)), {
      name: "UsageError",
      message: `Cannot run: ${message}`,
    });
  });
}

const BAD_VALUES: readonly (readonly [
  flag: string,
  text: string,
  expected: string,
])[] = [
  ["guarantee", "twice", '"none", "at-least-once" or "exactly-once"'],
  [
    "instance",
    "a b",
    'a name that stays: 1 to 249 letters, digits, ".", "_" and "-"',
  ],
  [
    "window-log",
    "..",
    'the name of a topic: 1 to 249 letters, digits, ".", "_" and "-"',
  ],
  ["commit-interval", "9ms", "a duration from 10ms to 10s"],
  ["commit-interval", "11s", "a duration from 10ms to 10s"],
  ["transaction-timeout", "16m", "a duration from 1s to 15m"],
  ["session-timeout", "5s", "a duration from 6s to 30m"],
  ["session-timeout", "31m", "a duration from 6s to 30m"],
  ["shard-timeout", "0", "a duration from 1s to 1h"],
];

for (const [flag, text, expected] of BAD_VALUES) {
  test(`--${flag} ${text} is no value`, () => {
    assert.throws(() => runValues({ [flag]: text }), {
      name: "UsageError",
      message: `Cannot read the command line: --${flag} must be ${expected}, got "${text}"`,
    });
  });
}

test("a run is refused whose group can give the window log no name", async () => {
  const flags = { ...EXACTLY, group: "all readers" };
  await assert.rejects(runConfigOf(runValues(flags)), {
    name: "UsageError",
    message:
      "Cannot name the window log after the group: no topic can be called " +
      '"sessionmill-all readers-windows", add --window-log TOPIC',
  });
});

const TAKEN: readonly Record<string, string>[] = [
  { ...EXACTLY, to: "null" },
  { ...EXACTLY, "late-to": "kafka:late", "dead-letter-to": "null" },
  { ...EXACTLY, group: "all readers", "window-log": "w" },
  { ...EXACTLY, group: "g".repeat(1018), "window-log": "w", instance: "abc" },
  { ...EXACTLY, "commit-interval": "499ms", "transaction-timeout": "1s" },
  { ...AT_LEAST, to: "-", "late-to": "file:late" },
];

for (const flags of TAKEN) {
  const name = Object.entries(flags)
    .map(([key, text]) => `--${key} ${text.slice(0, 20)}`)
    .join(" ");
  test(`a run is taken: ${name}`, async () => {
    const { durability } = await runConfigOf(runValues(flags));
    assert.equal(durability?.guarantee, flags.guarantee);
  });
}

test("files of a run with a guarantee are written behind what they hold", async () => {
  const existing = async (flags: Record<string, string>) =>
    (await runConfigOf(runValues(flags))).existingFile;
  assert.equal(await existing({ ...AT_LEAST, to: "file:out" }), "append");
  const none = { guarantee: "none" };
  assert.equal(await existing({ ...none, to: "file:out" }), "refuse");
  const histograms = { histograms: "folder", overwrite: "true" };
  assert.equal(await existing({ ...AT_LEAST, ...histograms }), "overwrite");
});
