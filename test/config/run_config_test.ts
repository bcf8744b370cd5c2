import assert from "node:assert/strict";
import {
  linkSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { test } from "node:test";
import { DEFAULT_GENERATOR } from "../../src/config/generator_defaults.ts";
import { runConfigOf } from "../../src/config/run_config.ts";
import { runValues } from "./support.ts";

test("runConfigOf() has the documented defaults", async () => {
  const defaultWorkers = Math.max(1, availableParallelism() - 1);
  const { durability, ...config } = await runConfigOf(runValues({}));
  // `durability_test.ts` looks at the rest of it.
  assert.equal(durability?.windowLog, "sessionmill-visits_reader-windows");
  assert.deepEqual(config, {
    from: { kind: "kafka", topic: "visits" },
    to: { kind: "kafka", topic: "sessions" },
    lateTo: null,
    deadLetterTo: null,
    existingFile: "refuse",
    workers: defaultWorkers,
    window: {
      gapMs: 600_000,
      outOfOrdernessMs: 1_200_000,
      allowedLatenessMs: 900_000,
      timePrecision: "s",
      pageOrder: "text",
      maxSkewMs: null,
    },
    idleTimeoutMs: 30_000,
    bounded: false,
    deterministic: false,
    withMetadata: false,
    routeBy: "visit_id",
    maxRecordBytes: 1_048_576,
    maxInFlightBytes: (8 + 6 * defaultWorkers) * 1_048_576,
    kafka: {
      brokers: ["127.0.0.1:9092"],
      group: "visits_reader",
      createTopics: false,
      security: {},
      securityFile: null,
    },
    kafkaSource: {
      createSource: false,
      metadataIntervalMs: 30_000,
      onNewTopic: "stop",
      instance: null,
      sessionTimeoutMs: 10_000,
    },
    generator: DEFAULT_GENERATOR,
    histograms: null,
  });
});

test("runConfigOf() lets more be in flight with more workers, unless told", async () => {
  const config = await runConfigOf(runValues({ workers: "8" }));
  assert.equal(config.maxInFlightBytes, 56 * 1_048_576);
  const told = { workers: "8", "max-in-flight-bytes": "3MiB" };
  const other = await runConfigOf(runValues(told));
  assert.equal(other.maxInFlightBytes, 3 * 1_048_576);
});

test("runConfigOf() lets a record of the largest size be in flight by default", async () => {
  const flags = { workers: "1", "max-record-bytes": "15MB" };
  const config = await runConfigOf(runValues(flags));
  assert.equal(config.maxInFlightBytes, 15_000_000);
  const small = { workers: "1", "max-record-bytes": "5MB" };
  const usual = await runConfigOf(runValues(small));
  assert.equal(usual.maxInFlightBytes, 14 * 1_048_576);
});

test("runConfigOf() is frozen all the way down", async () => {
  const config = await runConfigOf(runValues({}));
  assert.ok(Object.isFrozen(config));
  assert.ok(Object.isFrozen(config.window));
  assert.ok(Object.isFrozen(config.kafka.brokers));
});

test("runConfigOf() refuses two outputs on stdout", async () => {
  await assertFails(
    { to: "-", "dead-letter-to": "-" },
    'Cannot run: --to and --dead-letter-to are both "-", each needs its own',
  );
});

test("runConfigOf() refuses two outputs in one file", async () => {
  await assertFails(
    { "late-to": "file:a", "dead-letter-to": "file:./a" },
    "Cannot run: --late-to file:a and --dead-letter-to file:./a are one file, each needs its own",
  );
});

test("runConfigOf() refuses to write over the input", async () => {
  await assertFails(
    { from: "file:a", to: "file:a" },
    'Cannot run: --from and --to are both "file:a", each needs its own',
  );
  await assertFails(
    { from: "kafka:t", "late-to": "kafka:t" },
    'Cannot run: --from and --late-to are both "kafka:t", each needs its own',
  );
});

test("runConfigOf() knows one file by all its names", async () => {
  const path = temporaryFile("visits");
  const folder = dirname(path);
  const [hard, soft, next, dangling] = ["hard", "soft", "next", "dangling"].map(
    (name) => join(folder, `${basename(path)}.${name}`),
  ) as [string, string, string, string];
  linkSync(path, hard);
  symlinkSync(path, soft);
  symlinkSync(next, dangling);
  const shm = join("/dev/shm", basename(folder));
  const pairs = [
    [path, hard],
    [hard, soft],
    [next, dangling],
    [shm, `/dev/shm/../shm/${basename(folder)}`],
  ] as const;
  for (const [one, other] of pairs) {
    await assertFails(
      { to: `file:${one}`, "late-to": `file:${other}` },
      `Cannot run: --to file:${one} and --late-to file:${other} are one file, each needs its own`,
    );
  }
  await assertFails(
    { from: `file:${path}`, to: `file:${hard}` },
    `Cannot run: --from file:${path} and --to file:${hard} are one file, each needs its own`,
  );
  await assertFails(
    { config: path, to: `file:${hard}` },
    `Cannot run: --config file:${path} and --to file:${hard} are one file, each needs its own`,
  );
});

test("runConfigOf() lets outputs share where that harms nobody", async () => {
  const pairs = [
    ["null", "null"],
    ["kafka:side", "kafka:side"],
    ["file:/dev/null", "file:/dev/null"],
  ] as const;
  for (const [late, dead] of pairs) {
    const values = runValues({ "late-to": late, "dead-letter-to": dead });
    assert.ok(await runConfigOf(values));
  }
});

test("runConfigOf() refuses a record limit above the memory for records", async () => {
  await assertFails(
    { "max-in-flight-bytes": "1MiB", "max-record-bytes": "2MiB" },
    "Cannot run: --max-in-flight-bytes of 1MiB is smaller than --max-record-bytes of 2MiB, it must hold one record at least",
  );
});

test("runConfigOf() refuses to wait for the end of an endless generator", async () => {
  await assertFails(
    { from: "generator", bounded: "true" },
    "Cannot run: --bounded needs an end and the generator has none, add --count",
  );
});

test("runConfigOf() passes the settings of a Kafka file through", async () => {
  const path = temporaryFile("ssl: true\nsasl:\n  mechanism: plain\n");
  const config = await runConfigOf(runValues({ "kafka-config": path }));
  assert.deepEqual(config.kafka.security, {
    ssl: true,
    sasl: { mechanism: "plain" },
  });
});

test("runConfigOf() names an unknown setting of a Kafka file", async () => {
  const path = temporaryFile('{"sassl": {}}');
  await assertFails(
    { "kafka-config": path },
    `Cannot read config "${path}": "sassl" is no setting of the Kafka client, did you mean "sasl"`,
  );
  const brokers = temporaryFile("brokers: [a:1]\n");
  await assertFails(
    { "kafka-config": brokers },
    `Cannot read config "${brokers}": brokers belong to --brokers`,
  );
});

async function assertFails(
  flags: Record<string, string>,
  message: string,
): Promise<void> {
  await assert.rejects(runConfigOf(runValues(flags)), {
    name: "UsageError",
    message,
  });
}

function temporaryFile(content: string): string {
  const path = join(folder, `${Math.random()}.yaml`);
  writeFileSync(path, content);
  return path;
}

const folder = mkdtempSync(join(tmpdir(), "sessionmill-config-"));
process.on("exit", () => rmSync(folder, { recursive: true }));
