import assert from "node:assert/strict";
import {
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { RunConfig } from "../../src/config/config.ts";
import { DEFAULT_GENERATOR } from "../../src/config/generator_defaults.ts";
import { runConfigOf } from "../../src/config/run_config.ts";
import { generate, replay, run } from "../../src/sessionmill.ts";
import { SILENT_LOG } from "../pipeline/fake_parts.ts";
import { REPLAY_WINDOW } from "../support/replay_run.ts";
import { runValues } from "./support.ts";

const folder = mkdtempSync(join(tmpdir(), "sessionmill-library-"));
after(() => rmSync(folder, { recursive: true }));
const VISIT = '{"visit_id": "a", "event_time": "2024-06-01T00:00:00Z"}\n';
const visits = join(folder, "visits");
writeFileSync(visits, VISIT);
symlinkSync(visits, join(folder, "linked"));

const FILES = await runConfigOf(
  runValues({ from: `file:${visits}`, to: "null", workers: "1" }),
);
const TOPICS = await runConfigOf(runValues({}));
const HOOKS = { signal: new AbortController().signal, log: SILENT_LOG };
const LATE = { kind: "file", path: join(folder, "late") } as const;

/** Changes to a configuration, right or wrong. */
type Changes = { readonly [K in keyof RunConfig]?: unknown };

async function assertRefused(
  config: RunConfig,
  [changes, why]: readonly [Changes, RegExp],
): Promise<void> {
  const changed = { ...config, ...changes } as RunConfig;
  await assert.rejects(run(changed, HOOKS), {
    name: "UsageError",
    message: why,
  });
}

test("run() refuses an output that is the input, and leaves it as it is", async () => {
  for (const name of ["visits", "linked"]) {
    const to = { kind: "file", path: join(folder, name) };
    await assertRefused(FILES, [
      { to, existingFile: "overwrite" },
      /^Cannot run: from (?:file:.* )?and to .*, each needs its own$/,
    ]);
  }
  assert.equal(readFileSync(visits, "utf8"), VISIT);
});

test("run() refuses two outputs that are one file", async () => {
  await assertRefused(FILES, [
    { to: LATE, lateTo: LATE },
    /^Cannot run: to and lateTo are both "file:.*late", each needs its own$/,
  ]);
});

const { window, kafka, kafkaSource } = FILES;
const { durability } = TOPICS;
const OF_FILES: readonly (readonly [Changes, RegExp])[] = [
  [
    { to: { kind: "fil", path: "x" } },
    /to must be .* --to takes: "-", "file:PATH".*, got \{ kind: 'fil', path: 'x' \}$/,
  ],
  [{ to: { kind: "stdin" } }, /to must be/],
  [{ from: { kind: "file" } }, /from must be/],
  [{ from: undefined }, /from must be .*, got nothing$/],
  [{ lateTo: undefined }, /lateTo must be null, or /],
  [
    { workers: 0 },
    /workers must be what --workers takes: a whole number from 1 to 256, got 0$/,
  ],
  [{ workers: 1.5 }, /workers must be/],
  [{ workers: "2" }, /workers must be/],
  [{ window: undefined }, /window\.gapMs must be .*, got nothing$/],
  [
    { window: { ...window, gapMs: Number.NaN } },
    /window\.gapMs must be the number of ms of what --gap takes: a positive duration .*, got NaN$/,
  ],
  [{ window: { ...window, gapMs: -5 } }, /gapMs must be .*, got -5$/],
  [
    { window: { ...window, outOfOrdernessMs: 0.5 } },
    /outOfOrdernessMs must be/,
  ],
  [
    { window: { ...window, allowedLatenessMs: "15m" } },
    /allowedLatenessMs must be/,
  ],
  [
    { window: { ...window, maxSkewMs: 5 } },
    /window\.maxSkewMs compares .*with deterministic false it compares/,
  ],
  [{ idleTimeoutMs: Number.POSITIVE_INFINITY }, /idleTimeoutMs must be/],
  [
    { existingFile: "replace" },
    /existingFile must be "refuse", "overwrite" or "append", got 'replace'$/,
  ],
  [{ bounded: "no" }, /bounded must be what --bounded takes: true or false/],
  [{ maxInFlightBytes: null }, /maxInFlightBytes must be the number of bytes/],
  [
    { maxInFlightBytes: 1 << 20, maxRecordBytes: 2 << 20 },
    /maxInFlightBytes of 1MiB is smaller than maxRecordBytes of 2MiB/,
  ],
  [{ kafka: undefined }, /kafka\.brokers must be a list, got nothing$/],
  [
    {
      from: { kind: "generator" },
      generator: { ...DEFAULT_GENERATOR, latePercent: 101 },
    },
    /generator\.latePercent must be/,
  ],
  [
    { from: { kind: "generator" }, bounded: true },
    /the generator has none, add generator\.count$/,
  ],
  [
    { durability },
    /durability\.guarantee exactly-once needs from kafka:TOPIC.*, add durability null$/,
  ],
];
const OF_TOPICS: readonly (readonly [Changes, RegExp])[] = [
  [
    { kafka: { ...kafka, brokers: ["nowhere"] } },
    /kafka\.brokers must be a list of what --brokers takes/,
  ],
  [{ kafka: { ...kafka, group: "" } }, /kafka\.group must be/],
  [
    { kafkaSource: { ...kafkaSource, sessionTimeoutMs: 1 } },
    /kafkaSource\.sessionTimeoutMs must be/,
  ],
  [
    { deterministic: true },
    /deterministic needs an input that ends, add bounded;/,
  ],
  [
    { bounded: true },
    /durability\.guarantee exactly-once and bounded exclude each other/,
  ],
  [
    { lateTo: LATE },
    /durability\.guarantee exactly-once needs a topic, such as lateTo kafka:TOPIC/,
  ],
  [
    {
      durability: {
        ...durability,
        commitIntervalMs: 10_000,
        transactionTimeoutMs: 15_000,
      },
    },
    /durability\.transactionTimeoutMs must be more than two commit intervals/,
  ],
  [
    { kafkaSource: { ...kafkaSource, onNewTopic: "flush" } },
    /onNewTopic flush exclude .*with: sessionmill state reset .*--from kafka:visits/,
  ],
  [
    { to: { kind: "kafka", topic: durability!.windowLog } },
    /to and durability\.windowLog are both/,
  ],
];

for (const [config, cases] of [
  [FILES, OF_FILES],
  [TOPICS, OF_TOPICS],
] as const) {
  for (const each of cases) {
    test(`run() refuses what the command line would: ${each[1].source}`, async () => {
      await assertRefused(config, each);
    });
  }
}

test("run() refuses what is no configuration", async () => {
  for (const nothing of [{}, null, undefined, "run"]) {
    const running = run(nothing as never, HOOKS);
    await assert.rejects(running, {
      name: "UsageError",
      message: /^Cannot run: from must be /,
    });
  }
});

test("run() takes what the command line makes", async () => {
  const summary = await run(FILES, HOOKS);
  assert.equal(summary.sessions, 1);
  // Nothing of it is used.
  const unused = { kafka: { ...kafka, brokers: [] }, generator: null as never };
  assert.equal((await run({ ...FILES, ...unused }, HOOKS)).sessions, 1);
});

test("generate() and replay() refuse what the command line would", async () => {
  const making = { generator: DEFAULT_GENERATOR, kafka, signal: HOOKS.signal };
  const to = { kind: "fil", path: "x" } as never;
  await assert.rejects(generate({ ...making, to }), {
    name: "UsageError",
    message: /^Cannot generate: to must be/,
  });
  const playing = {
    ...{
      input: visits,
      workers: 1,
      maxRecordBytes: 1000,
      window: REPLAY_WINDOW,
    },
    ...{ withMetadata: false, generationTime: null, output: process.stdout },
  };
  const wrong = [
    { workers: 0 },
    { workers: Number.NaN },
    { window: {} as never },
  ];
  for (const changes of wrong) {
    await assert.rejects(replay({ ...playing, ...changes }), {
      name: "UsageError",
      message: /^Cannot replay: (?:workers|window\.gapMs) must be/,
    });
  }
});
