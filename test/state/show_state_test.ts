import assert from "node:assert/strict";
import { test } from "node:test";
import { testKafka } from "../support/test_kafka.ts";
import { commit, logOf, newGroup, state } from "./state_group.ts";

const { brokers } = await testKafka();

test("state show says what is committed, as a table", async () => {
  const group = await newGroup();
  await commit(group, logOf(group));
  const { exitCode, stdout, stderr } = await state(...group.flags);
  assert.deepEqual({ exitCode, stderr }, { exitCode: 0, stderr: "" });
  const [title, , heading, first, second, total] = stdout.split("\n");
  assert.equal(
    title,
    `Group "${group.group}" in topic "${group.topic}", window log "${group.windowLog}"`,
  );
  const words = (line = "") => line.trim().split(/ {2,}/);
  assert.deepEqual(words(heading).slice(0, 6), [
    ...["partition", "offset", "end", "lag", "log from", "log end"],
  ]);
  const row = words(first);
  assert.deepEqual(row.slice(0, 6), ["0", "8", "10", "2", "0", "7"]);
  assert.deepEqual(row.slice(7), [
    ...["200 B", "2", "2024-06-01 10:00:00Z", "60 min", "7"],
    `${group.group}-me`,
  ]);
  assert.deepEqual(words(second), [
    ...["1", "none", "0", "0", "0 B", "0 B", "0"],
  ]);
  assert.deepEqual(words(total), ["2", row[6], "200 B", "2"]);
});

test("state show prints the same as JSON, also where nothing is committed", async () => {
  const group = await newGroup();
  const empty = await state("show", "--json", ...group.flags);
  assert.match(
    empty.stderr,
    /warn {2}group "\S+" has committed nothing for topic "\S+": is it spelled so\?\n$/,
  );
  assert.deepEqual(JSON.parse(empty.stdout), {
    group: group.group,
    topic: group.topic,
    windowLog: group.windowLog,
    partitions: [
      { partition: 0, offset: null, end: 10, log: null, left: null },
      { partition: 1, offset: null, end: 0, log: null, left: null },
    ],
  });
  const values = logOf(group);
  await commit(group, values);
  const { stdout } = await state("show", "--json", ...group.flags);
  const { partitions } = JSON.parse(stdout);
  assert.deepEqual(partitions[0], {
    partition: 0,
    offset: 8,
    end: 10,
    log: {
      ...{
        offset: 8,
        from: 0,
        end: 7,
        records: 7,
        openSessions: 2,
        liveBytes: 200,
      },
      byteLength: Buffer.concat(values).length,
      oldestMs: Date.parse("2024-06-01T10:00:00Z"),
      clockMs: Date.parse("2024-06-01T11:00:00Z"),
      watermarkMs: 0,
      commit: 7,
      by: `${group.group}-me`,
      problems: [],
      problemCount: 0,
    },
    left: null,
  });
});

test("state verify passes a log in order, and names what in another is not", async () => {
  const group = await newGroup();
  await commit(group, logOf(group));
  const fine = await state("verify", ...group.flags);
  assert.equal(fine.exitCode, 0);
  assert.equal(
    fine.stdout,
    `${group.windowLog}[0]: in order, 7 records, 2 sessions open\n` +
      `${group.windowLog}[1]: no open sessions are committed\n`,
  );
  const other = await newGroup();
  await commit(other, logOf(other).slice(1));
  const { exitCode, stdout, stderr } = await state("verify", ...other.flags);
  assert.equal(exitCode, 1);
  assert.match(
    stdout,
    /^state-windows-\S+\[0\]: not in order, 6 records, 2 sessions open$/m,
  );
  assert.match(
    stdout,
    /^ {2}state-windows-\S+ at 2: session 0-1: a gone is of a session that no put has opened$/m,
  );
  assert.equal(
    stderr,
    `Cannot trust window log "${other.windowLog}": 1 thing in it cannot be right\n`,
  );
});

test("state show says how a log is looked at that is not in order", async () => {
  const group = await newGroup();
  await commit(group, logOf(group).slice(1));
  const { exitCode, stderr } = await state(...group.flags);
  assert.equal(exitCode, 0);
  const { topic, windowLog } = group;
  const command =
    `sessionmill state verify --from kafka:${topic} --brokers ${brokers} ` +
    `--group ${group.group} --window-log ${windowLog}\n`;
  assert.ok(
    stderr.endsWith(`cannot be right, as this says: ${command}`),
    stderr,
  );
});

const REFUSED: readonly (readonly [
  argv: readonly string[],
  sentence: string,
])[] = [
  [
    ["verifi"],
    'Cannot read the command line: expected show, verify or reset, got "verifi", did you mean "verify"',
  ],
  [
    ["--from", "file:x"],
    "Cannot look at the state: it is that of a group in a topic, as in --from kafka:visits",
  ],
  [
    ["--group", "a b"],
    'Cannot name the window log after the group: no topic can be called "sessionmill-a b-windows", add --window-log TOPIC',
  ],
];

for (const [argv, sentence] of REFUSED) {
  test(`state ${argv.join(" ")} is bad usage`, async () => {
    assert.deepEqual(await state(...argv), {
      exitCode: 2,
      stdout: "",
      stderr: `${sentence}\n`,
    });
  });
}

test("state names a topic that is not there", async () => {
  const { exitCode, stderr } = await state(
    ...["--brokers", brokers, "--from", "kafka:no-such-topic"],
  );
  assert.equal(exitCode, 1);
  assert.equal(
    stderr,
    'Cannot look at topic "no-such-topic": it does not exist\n',
  );
});
