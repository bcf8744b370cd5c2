import assert from "node:assert/strict";
import { test } from "node:test";
import { kafkaClients } from "../support/kafka_clients.ts";
import { testKafka } from "../support/test_kafka.ts";
import { waitUntil } from "../support/wait_until.ts";
import { mark } from "./log_records.ts";
import {
  commit,
  type Group,
  logOf,
  newGroup,
  state,
  write,
} from "./state_group.ts";

const { brokers } = await testKafka();
const { admin } = kafkaClients(brokers);

/** What `show` and `verify` say of partition 0. */
async function told({ flags, windowLog }: Group) {
  let shown = { exitCode: 0, stdout: "", stderr: "" };
  // A transaction that is over may not be seen at once.
  await waitUntil(async () => {
    shown = await state("show", ...flags);
    return !/has committed nothing/.test(shown.stderr);
  });
  const verified = await state("verify", ...flags);
  assert.equal(shown.exitCode, 0, shown.stderr);
  assert.equal(verified.exitCode, 0, verified.stderr);
  const [, , , row = ""] = shown.stdout.split("\n");
  const cells = row.trim().split(/ {2,}/);
  return {
    offset: cells[1],
    // Where there is no log, two columns in front of it are empty.
    open: cells[8] ?? cells[6],
    warning: shown.stderr.replace(/^[\d:]{8} warn {2}/, ""),
    verified: verified.stdout.split("\n")[0]!.slice(windowLog.length),
  };
}

test("state shows the open sessions of a group whose offsets are gone", async () => {
  const group = await newGroup();
  await write(group, logOf(group));
  assert.deepEqual(await told(group), {
    offset: "8",
    open: "2",
    warning:
      `group "${group.group}" has no offsets of 1 partition any more, as after a ` +
      "long stop: a run goes on where their window log ends\n",
    verified:
      "[0]: in order, 7 records, 2 sessions open, no offset is committed any " +
      "more, a run goes on at 8",
  });
});

test("state says of sessions that their topic was deleted", async () => {
  const why =
    "2 open sessions of a topic that was deleted, another one has the name now: " +
    "a run refuses to go on, or drops them with --on-new-topic drop";
  // Kafka forgets the offsets with the topic, but may not have yet.
  for (const put of [write, commit]) {
    const group = await newGroup();
    await put(group, logOf({ ...group, topicId: "that-was" }));
    assert.deepEqual(await told(group), {
      ...{ offset: "none", open: "0" },
      warning: `${group.topic}[0]: ${why}\n`,
      verified: `[0]: ${why}`,
    });
  }
});

test("state counts the sessions that an offset of another program leaves", async () => {
  const group = await newGroup();
  await write(group, logOf(group));
  const partitions = [{ partition: 0, offset: "5" }];
  const { group: groupId, topic } = group;
  await admin.setOffsets({ groupId, topic, partitions });
  const why = "a run drops 2 open sessions that the log has of it";
  assert.deepEqual(await told(group), {
    ...{ offset: "5", open: "0" },
    warning: `${topic}[0]: another program has committed the offset, ${why}\n`,
    verified: `[0]: another program has committed offset 5, ${why}`,
  });
});

test("state shows no windows of another group", async () => {
  const owner = await newGroup();
  await write(owner, logOf(owner));
  const { flags, topic, windowLog } = owner;
  const { exitCode, stderr } = await state("show", ...flags, "--group", "typo");
  assert.equal(exitCode, 1);
  assert.equal(
    stderr,
    `Cannot look at window log "${windowLog}": it is that of another group, as ` +
      `"${owner.group}-me" has written to it; name the window log of "${topic}" ` +
      'and group "typo" with --window-log\n',
  );
});

test("state verify names the marks of another group among those of its own", async () => {
  const group = await newGroup();
  const { topic, windowLog } = group;
  const values = logOf(group);
  values.splice(3, 0, mark(6, { topic, topicId: null, offset: 6, group: "h" }));
  await commit(group, values);
  let stdout = "";
  await waitUntil(async () => {
    const verified = await state("verify", ...group.flags);
    stdout = verified.stdout;
    return verified.exitCode === 1;
  });
  assert.match(
    stdout,
    new RegExp(
      `^ {2}${windowLog}.0. at 3: a mark of group "h", and no run goes on in its log$`,
      "m",
    ),
  );
});
