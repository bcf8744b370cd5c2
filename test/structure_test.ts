import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fenceFaults, roomsTable } from "./support/fences.ts";
import { ROOMS, type Room } from "./support/rooms.ts";
import {
  findImportCircle,
  importsOf,
  sourceFiles,
} from "./support/source_files.ts";

const LINES_MAX = 250;
const GENERATED = /^src\/(admin\/page|wire|kernel|kernel\/host)\/generated\//;
const PRODUCT = sourceFiles("src", "workers");
const ALL = sourceFiles("src", "workers", "test", "bench", "docker").filter(
  (file) => !GENERATED.test(file.path),
);

function outside(paths: string[], allowed: RegExp): string[] {
  return paths.filter((path) => !allowed.test(path));
}

test("rooms: each file imports only what its room may know", () => {
  assert.deepEqual(fenceFaults(ROOMS, PRODUCT), []);
});

test("rooms: ARCHITECTURE.md has the table of the fences", () => {
  const text = readFileSync("ARCHITECTURE.md", "utf8");
  const fold = (table: string) => table.replace(/ +/g, " ").replace(/-+/g, "-");
  if (fold(text).includes(fold(roomsTable(ROOMS)))) return;
  assert.fail(`ARCHITECTURE.md lacks this table:\n\n${roomsTable(ROOMS)}\n`);
});

test("fences: a forbidden import of any kind is found", () => {
  const kinds = [
    'import { Kafka } from "kafkajs";',
    'import type { Kafka } from "kafkajs";',
    'const kafka = await import("kafkajs");',
    'type Kafka = import("kafkajs").Kafka;',
    'const broker = require("kafkajs/src/broker/index.js");',
    'const load = createRequire(here);\nload("kafkajs/src/broker/index.js");',
    'const path = require.resolve("kafkajs");',
    'export { Kafka } from "kafkajs";',
    'import "../kafka/client.ts";',
    'import { createRequire } from "node:module";',
  ];
  const path = "src/window/put_in.ts";
  for (const text of kinds) {
    const files = [...PRODUCT, { path, imports: importsOf(path, text) }];
    assert.equal(fenceFaults(ROOMS, files).length, 1, text);
  }
});

test("fences: a file without a room is found", () => {
  const files = [...PRODUCT, { path: "src/attic/box.ts", imports: [] }];
  assert.deepEqual(fenceFaults(ROOMS, files), [
    "src/attic/box.ts is in no room",
  ]);
});

test("fences: an entry that nobody uses is found", () => {
  const rooms = ROOMS.map((room) =>
    room.path === "src/fleet"
      ? { ...room, knows: [...room.knows, "src/config"] }
      : room,
  );
  assert.deepEqual(fenceFaults(rooms, PRODUCT), [
    "src/fleet may know src/config, and does not",
  ]);
});

test("fences: a circle of rooms is found", () => {
  const rooms: Room[] = [
    { path: "src/a", does: "", knows: ["src/b"] },
    { path: "src/b", does: "", knows: ["src/a"] },
  ];
  const files = [
    { path: "src/a/x.ts", imports: ["src/b/y.ts"] },
    { path: "src/b/y.ts", imports: ["src/a/x.ts"] },
  ];
  assert.deepEqual(fenceFaults(rooms, files), [
    "src/b knows src/a, which is not below it",
  ]);
});

test("src: private modules of kafkajs are imported in one folder", () => {
  const importers = PRODUCT.filter((file) =>
    file.imports.some((name) => name.startsWith("kafkajs/")),
  );
  const paths = importers.map((file) => file.path);
  assert.ok(paths.length > 0, "the fence would match nothing");
  assert.deepEqual(outside(paths, /^src\/kafka\/private\//), []);
});

test("src: windows, watermarks and shards have no clock and no timer", () => {
  const pure = /^src\/(window|watermark|shard)\//;
  const clock =
    /\b(Date\.now|new Date\(\)|performance\.now|set(Timeout|Interval|Immediate))\b/;
  for (const file of PRODUCT.filter(({ path }) => pure.test(path))) {
    assert.doesNotMatch(file.text, clock, file.path);
  }
});

/** The launcher hands signals on. */
const COMMAND_LINE = /^src\/(launch\.cjs|main\.ts|cli\/|config\/)/;

test("src: the environment and signals are read only by the command line", () => {
  const users = PRODUCT.filter((file) =>
    /\bprocess\.(env|on\("SIG|once\("SIG)/.test(file.text),
  );
  const paths = users.map((file) => file.path);
  assert.deepEqual(outside(paths, COMMAND_LINE), []);
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

test("project: paths in comments and pages lead to files", () => {
  const pages = ["ARCHITECTURE.md", "README.md", "bench/README.md"];
  const texts = [...pages, "test/README.md"].map((path) => ({
    path,
    text: readFileSync(path, "utf8"),
  }));
  // This file names some that shall not exist.
  const files = ALL.filter(({ path }) => path !== "test/structure_test.ts");
  const named =
    /\b(?:src|workers|test|bench|docker)\/[\w./-]*\.(?:ts|md|sh)\b/g;
  const lost: string[] = [];
  for (const { path, text } of [...files, ...texts]) {
    for (const [name] of text.matchAll(named)) {
      if (!existsSync(name)) lost.push(`${path}: ${name}`);
    }
  }
  assert.deepEqual(lost, []);
});

test("project: file names are in snake_case", () => {
  const paths = ALL.map((file) => file.path);
  assert.deepEqual(outside(paths, /\/[a-z0-9_]+(\.d)?\.([tj]|cj)s$/), []);
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
