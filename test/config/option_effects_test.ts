import assert from "node:assert/strict";
import { test } from "node:test";
import { GENERATE_OPTIONS } from "../../src/config/generate_options.ts";
import { LOAD_EFFECTS } from "../../src/config/load_effects.ts";
import { LOAD_OPTIONS } from "../../src/config/load_options.ts";
import type { OptionSet } from "../../src/config/option.ts";
import {
  type Effects,
  GENERATE_EFFECTS,
  REPLAY_EFFECTS,
  RUN_EFFECTS,
  refuseIdleFlags,
} from "../../src/config/option_effects.ts";
import { REPLAY_OPTIONS } from "../../src/config/replay_options.ts";
import { resolveOptions } from "../../src/config/resolve_options.ts";
import { RUN_OPTIONS } from "../../src/config/run_options.ts";
import type { Settings } from "./support.ts";

const KAFKA_TO_KAFKA = { from: "kafka:in", to: "kafka:out" };
const FILE_TO_FILE = { from: "file:in", to: "file:out" };
const GENERATOR_TO_NULL = { from: "generator", to: "null" };
const PIPE = { from: "-", to: "-" };

/** Every option that does nothing somewhere: there, and where it does. */
const RUN_CASES: readonly (readonly [
  key: string,
  text: string,
  idle: readonly Record<string, string>[],
  busy: readonly Record<string, string>[],
])[] = [
  ...Object.entries({
    count: "5",
    rate: "5/s",
    seed: "5",
    active: "5",
    "start-time": "2024-06-01T00:00:00Z",
    "late-percent": "5",
    "duplicate-percent": "5",
    "missing-percent": "5",
    "unprocessable-percent": "5",
  }).map(
    ([key, text]) =>
      [
        key,
        text,
        [KAFKA_TO_KAFKA, FILE_TO_FILE, PIPE],
        [GENERATOR_TO_NULL],
      ] as const,
  ),
  [
    "overwrite",
    "true",
    [KAFKA_TO_KAFKA, PIPE],
    [FILE_TO_FILE, { ...PIPE, histograms: "folder" }],
  ],
  [
    "allow-empty",
    "true",
    [KAFKA_TO_KAFKA, GENERATOR_TO_NULL],
    [PIPE, { ...KAFKA_TO_KAFKA, bounded: "true" }],
  ],
  [
    "append",
    "true",
    [GENERATOR_TO_NULL, { from: "file:in", to: "-" }],
    [{ ...PIPE, "late-to": "file:late" }],
  ],
  ["with-metadata", "true", [KAFKA_TO_KAFKA], [PIPE, FILE_TO_FILE]],
  [
    "idle-timeout",
    "5s",
    [FILE_TO_FILE, PIPE, { ...KAFKA_TO_KAFKA, bounded: "true" }],
    [KAFKA_TO_KAFKA, { ...KAFKA_TO_KAFKA, bounded: "true", live: "true" }],
  ],
  [
    "live",
    "true",
    [KAFKA_TO_KAFKA, { ...GENERATOR_TO_NULL, rate: "5/s" }],
    [FILE_TO_FILE, PIPE, GENERATOR_TO_NULL],
  ],
  ["group", "g", [FILE_TO_FILE, { ...PIPE, to: "kafka:x" }], [KAFKA_TO_KAFKA]],
  ["brokers", "a:1", [PIPE], [{ ...PIPE, "dead-letter-to": "kafka:dead" }]],
  [
    "create-topics",
    "true",
    [GENERATOR_TO_NULL, { from: "kafka:in", to: "null" }],
    [KAFKA_TO_KAFKA],
  ],
  ["create-source", "true", [{ ...PIPE, to: "kafka:x" }], [KAFKA_TO_KAFKA]],
  ["metadata-interval", "5s", [FILE_TO_FILE], [KAFKA_TO_KAFKA]],
  [
    "on-new-topic",
    "drop",
    [FILE_TO_FILE, { ...KAFKA_TO_KAFKA, bounded: "true" }],
    [KAFKA_TO_KAFKA],
  ],
  [
    "instance",
    "a",
    [FILE_TO_FILE, { ...KAFKA_TO_KAFKA, bounded: "true" }],
    [KAFKA_TO_KAFKA],
  ],
  [
    "session-timeout",
    "6s",
    [FILE_TO_FILE, { ...KAFKA_TO_KAFKA, bounded: "true" }],
    [KAFKA_TO_KAFKA],
  ],
  ...Object.entries({
    "commit-interval": "1s",
    "transaction-timeout": "5s",
    "window-log": "w",
    "shard-timeout": "5s",
  }).map(
    ([key, text]) =>
      [
        key,
        text,
        [FILE_TO_FILE, { ...KAFKA_TO_KAFKA, guarantee: "none" }],
        [
          { ...KAFKA_TO_KAFKA, guarantee: "exactly-once" },
          { ...KAFKA_TO_KAFKA, guarantee: "at-least-once" },
        ],
      ] as const,
  ),
  ["kafka-config", "x.yaml", [FILE_TO_FILE], [{ ...PIPE, to: "kafka:out" }]],
  ...Object.entries({
    "admin-token": "0123456789abcdef",
    "admin-origin": "https://ops.example",
  }).map(
    ([key, text]) =>
      [
        key,
        text,
        [
          ...[FILE_TO_FILE, GENERATOR_TO_NULL],
          { ...KAFKA_TO_KAFKA, bounded: "true" },
          { ...KAFKA_TO_KAFKA, admin: "off" },
        ],
        [KAFKA_TO_KAFKA, { ...GENERATOR_TO_NULL, admin: "0.0.0.0:9464" }],
      ] as const,
  ),
  ["route-by", "key", [FILE_TO_FILE], [KAFKA_TO_KAFKA, GENERATOR_TO_NULL]],
];

const GENERATE_CASES: typeof RUN_CASES = [
  ["overwrite", "true", [{}], [{ "visits-to": "file:out" }]],
  ["append", "true", [{ "visits-to": "null" }], [{ "visits-to": "file:out" }]],
  ...Object.entries({
    brokers: "a:1",
    "create-topics": "true",
    "kafka-config": "x.yaml",
  }).map(
    ([key, text]) => [key, text, [{}], [{ "visits-to": "kafka:out" }]] as const,
  ),
];

const REPLAY_CASES: typeof RUN_CASES = [["out-of-orderness", "1m", [{}], []]];

const ASKED = { "load-admin": "http://127.0.0.1:8080" };
const LOAD_CASES: typeof RUN_CASES = [
  ["gap", "5m", [ASKED], [{}]],
  ["out-of-orderness", "1m", [ASKED], [{}]],
  ["admin-token", "t".repeat(32), [{}], [ASKED]],
  ["overwrite", "true", [ASKED], [{ plot: "a.svg" }]],
];

function check<S extends OptionSet>(
  options: S,
  effects: Effects<S>,
  { flags, file, environment }: Settings,
): void {
  const resolved = resolveOptions(options, {
    flags: flags ?? {},
    environment: environment ?? {},
    file:
      file === undefined
        ? null
        : { path: "x.yaml", entries: file, written: {} },
    presets: null,
  });
  refuseIdleFlags(effects, { task: "work", options, ...resolved });
}

function checkRun(settings: Settings): void {
  check(RUN_OPTIONS, RUN_EFFECTS, settings);
}

function checkGenerate(settings: Settings): void {
  check(GENERATE_OPTIONS, GENERATE_EFFECTS, settings);
}

function checkLoad(settings: Settings): void {
  check(LOAD_OPTIONS, LOAD_EFFECTS, settings);
}

function checkReplayed(settings: Settings): void {
  check(REPLAY_OPTIONS, REPLAY_EFFECTS, settings);
}

for (const [name, cases, checkFlags, effects] of [
  ["run", RUN_CASES, checkRun, RUN_EFFECTS],
  ["generate", GENERATE_CASES, checkGenerate, GENERATE_EFFECTS],
  ["replay", REPLAY_CASES, checkReplayed, REPLAY_EFFECTS],
  ["load", LOAD_CASES, checkLoad, LOAD_EFFECTS],
] as const) {
  for (const [key, text, idle, busy] of cases) {
    test(`${name}: --${key} is refused where it does nothing`, () => {
      for (const places of idle) {
        assert.throws(() => checkFlags({ flags: { ...places, [key]: text } }), {
          name: "UsageError",
          message: new RegExp(
            `^Cannot work: --${key} does nothing here, it needs `,
          ),
        });
      }
      for (const places of busy) {
        checkFlags({ flags: { ...places, [key]: text } });
      }
    });
  }

  test(`${name}: each option that can be idle is tried here`, () => {
    const conditional = Object.entries(effects)
      .filter(([, effect]) => effect !== "always")
      .map(([key]) => key);
    assert.deepEqual(conditional.sort(), cases.map(([key]) => key).sort());
  });
}

test("run: what a file or the environment sets may be for another command", () => {
  checkRun({ flags: FILE_TO_FILE, file: { count: 5, group: "g" } });
  const environment = { SESSIONMILL_BROKERS: "a:1", SESSIONMILL_RATE: "5/s" };
  checkRun({ flags: FILE_TO_FILE, environment });
});

test("run: a switch that is taken back does nothing, and may", () => {
  checkRun({ flags: { ...PIPE, "create-topics": false } });
});

test("run: the sentence says what the flag needs", () => {
  assert.throws(
    () => checkRun({ flags: { ...KAFKA_TO_KAFKA, count: "5" } }),
    /^UsageError: Cannot work: --count does nothing here, it needs --from generator$/,
  );
});
