import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod/mini";
import { fileOf, ORIGINS, OWN_ORIGINS } from "../../src/config/place_types.ts";
import { runValues } from "./support.ts";

const BAD_TOPICS: readonly (readonly [topic: string, fault: string])[] = [
  ["", "the name of the topic is missing"],
  ...["a b", "a\tb", "b\u00e4", "\u{1f600}", "a/b"].map((topic) => {
    const [strange] = /[^ab]/u.exec(topic)!;
    return [
      topic,
      `the name of a topic has no ${JSON.stringify(strange)}, only letters, digits, ".", "_" and "-"`,
    ] as const;
  }),
  ...[".", "..", "a".repeat(250)].map(
    (topic) =>
      [
        topic,
        'the name of a topic has at most 249 characters, and is not "." or ".."',
      ] as const,
  ),
];

test("a place says what Kafka does not take in the name of a topic", () => {
  for (const [topic, fault] of BAD_TOPICS) {
    const got = JSON.stringify(`kafka:${topic}`);
    assert.throws(() => runValues({ to: `kafka:${topic}` }), {
      name: "UsageError",
      message: `Cannot read the command line: --to must be "-", "file:PATH", "null" or "kafka:TOPIC", got ${got}: ${fault}`,
    });
  }
});

test("fileOf() takes paths, places of files and stdin", () => {
  assert.equal(fileOf("-"), null);
  assert.equal(fileOf("a/b"), "a/b");
  assert.equal(fileOf("file:a/b"), "a/b");
  assert.equal(fileOf("./file:a"), "./file:a");
  assert.equal(fileOf("file:-"), "./-");
  assert.equal(fileOf("file:"), "file:");
});

const reads = (text: string) => z.safeParse(ORIGINS.codec, text).success;

test("ORIGINS takes origins as browsers write them, or any", () => {
  for (const text of [
    "*",
    "https://shop.example",
    "https://shop.example, http://127.0.0.1:3000,http://[::1]:81",
    "https://xn--mnchen-3ya.example:8443",
  ]) {
    assert.ok(reads(text), text);
  }
});

test("OWN_ORIGINS takes the same, but not any", () => {
  const takes = (text: string) => z.safeParse(OWN_ORIGINS.codec, text).success;
  assert.ok(takes("https://ops.example, http://10.0.0.7:8080"));
  for (const text of ["*", "https://ops.example/job", "ops.example", ""]) {
    assert.ok(!takes(text), text);
  }
});

test("ORIGINS refuses what no page has as its origin", () => {
  for (const text of [
    "https://*.example",
    "https://shop.example,*",
    "https://shop.*",
    "wss://shop.example",
    "ftp://shop.example",
    "https://shop.example/",
    "https://shop.example:443",
    "https://Shop.example",
    "https://münchen.example",
    "shop.example",
    "null",
    "",
  ]) {
    assert.ok(!reads(text), text);
  }
});
