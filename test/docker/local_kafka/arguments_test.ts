import assert from "node:assert/strict";
import { test } from "node:test";
import { readArguments, USAGE } from "../../../docker/local_kafka/arguments.ts";

const VISITS = { name: "visits", partitions: 2 };
const SESSIONS = { name: "sessions", partitions: 2 };

test("readArguments() has two topics and any port unless told otherwise", () => {
  const expected = { port: undefined, topics: [VISITS, SESSIONS] };
  assert.deepEqual(readArguments([]), { ...expected, isHelpAsked: false });
});

test("readArguments() adds topics, and takes other partitions for the usual ones", () => {
  const argv = ["--port", "9200", "--topic", "v3:3", "--topic=sessions:1"];
  assert.deepEqual(readArguments(argv), {
    port: 9200,
    topics: [
      VISITS,
      { name: "v3", partitions: 3 },
      { name: "sessions", partitions: 1 },
    ],
    isHelpAsked: false,
  });
});

test("the usage names every flag", () => {
  assert.equal(readArguments(["--help"]).isHelpAsked, true);
  for (const flag of ["--port", "--topic", "--help"]) {
    assert.ok(USAGE.includes(`\n  ${flag} `), flag);
  }
});

const right = 'expected a name and 1 to 1000 partitions such as "visits:3"';
const WRONG: readonly [argv: string[], why: string][] = [
  [["--port", "0"], '--port is "0", expected 1 to 65535'],
  [["--port", "1e3"], '--port is "1e3", expected 1 to 65535'],
  [["--topic", "v3"], `--topic is "v3", ${right}`],
  [["--topic", "v3:0"], `--topic is "v3:0", ${right}`],
  [["--topic", "v3:1001"], `--topic is "v3:1001", ${right}`],
  [["--topic", "a b:1"], `--topic is "a b:1", ${right}`],
  [["--topic", "..:1"], `--topic is "..:1", ${right}`],
  [["--topic", "a:1", "--topic", "a:2"], '--topic names "a" twice'],
  [
    ["--topics", "a:1"],
    "Unknown option '--topics', see npm run kafka -- --help",
  ],
];

for (const [argv, why] of WRONG) {
  test(`npm run kafka -- ${argv.join(" ")} is bad usage`, () => {
    assert.throws(() => readArguments(argv), {
      name: "UsageError",
      message: `Cannot start Kafka: ${why}`,
    });
  });
}
