import assert from "node:assert/strict";
import { test } from "node:test";
import {
  findImportCircle,
  type SourceFile,
  sourceFiles,
} from "./support/source_files.ts";

const LINES_MAX = 250;
const GENERATED = /^src\/(wire|window)\/generated\//;
const PRODUCT = sourceFiles("src", "workers");
const ALL = sourceFiles("src", "workers", "test", "bench", "docker").filter(
  (file) => !GENERATED.test(file.path),
);

/** The paths of the files that import a module, by its name or a part of it. */
function importersOf(module: RegExp): string[] {
  const isImporter = (file: SourceFile) =>
    file.imports.some((name) => module.test(name));
  return PRODUCT.filter(isImporter).map((file) => file.path);
}

function outside(paths: string[], allowed: RegExp): string[] {
  return paths.filter((path) => !allowed.test(path));
}

test("src: kafkajs is imported only by the Kafka rooms", () => {
  const allowed = /^src\/(kafka\/|source\/kafka|sink\/kafka)/;
  assert.deepEqual(outside(importersOf(/^kafkajs/), allowed), []);
});

test("src: private modules of kafkajs are imported in one folder", () => {
  const allowed = /^src\/kafka\/private\//;
  assert.deepEqual(outside(importersOf(/^kafkajs\//), allowed), []);
});

test("src: Piscina is imported only by the shard pool and the worker", () => {
  const allowed = /^(src\/route\/shard_pool\.ts|workers\/)/;
  assert.deepEqual(outside(importersOf(/^piscina/), allowed), []);
});

test("src: Node's worker threads are used only beside the shard pool", () => {
  const allowed = /^(src\/route\/|workers\/)/;
  assert.deepEqual(outside(importersOf(/^node:worker_threads/), allowed), []);
});

test("src: windows and watermarks know nothing but bytes and each other", () => {
  const pure = /^src\/(window|watermark)\//;
  const allowed =
    /^(node:buffer$|src\/(window|watermark)\/|src\/(key_hash|record_reader|errors)\.ts$)/;
  for (const file of PRODUCT.filter(({ path }) => pure.test(path))) {
    assert.deepEqual(outside(file.imports, allowed), [], file.path);
  }
});

test("src: windows, watermarks and shards have no clock and no timer", () => {
  const pure = /^src\/(window|watermark|shard)\//;
  const clock =
    /\b(Date\.now|new Date\(\)|performance\.now|set(Timeout|Interval|Immediate))\b/;
  for (const file of PRODUCT.filter(({ path }) => pure.test(path))) {
    assert.doesNotMatch(file.text, clock, file.path);
  }
});

test("src: the environment and signals are read only by the command line", () => {
  const users = PRODUCT.filter((file) =>
    /\bprocess\.(env|on\("SIG|once\("SIG)/.test(file.text),
  );
  const paths = users.map((file) => file.path);
  assert.deepEqual(outside(paths, /^src\/(main\.ts|cli\/|config\/)/), []);
});

test("project: nothing imports in a circle", () => {
  assert.equal(findImportCircle(ALL), undefined);
});

test("project: no file is longer than the limit", () => {
  const long = ALL.filter((file) => file.lineCount > LINES_MAX);
  assert.deepEqual(
    long.map((file) => file.path),
    [],
  );
});

test("project: file names are in snake_case", () => {
  const paths = ALL.map((file) => file.path);
  assert.deepEqual(outside(paths, /\/[a-z0-9_]+(\.d)?\.ts$/), []);
});

test("project: nothing is left undone, skipped or switched off", () => {
  // Built from parts, so as not to find itself.
  const marks = ["TO" + "DO", "FIX" + "ME", "@ts-" + "ignore"];
  const calls = ["test", "it", "describe"].map((name) => `${name}.${"skip"}(`);
  for (const file of ALL) {
    for (const mark of [...marks, ...calls]) {
      assert.ok(!file.text.includes(mark), `${file.path} has ${mark}`);
    }
  }
});
