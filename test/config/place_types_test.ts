import assert from "node:assert/strict";
import { test } from "node:test";
import { fileOf } from "../../src/config/place_types.ts";
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
