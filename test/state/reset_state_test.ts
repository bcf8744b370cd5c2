import assert from "node:assert/strict";
import { test } from "node:test";
import { kafkaClients } from "../support/kafka_clients.ts";
import { testKafka } from "../support/test_kafka.ts";
import { mark } from "./log_records.ts";
import { commit, kafka, logOf, newGroup, state, write } from "./state_group.ts";

const { brokers, newTopic } = await testKafka();
const { admin } = kafkaClients(brokers);

test("state reset begins anew, in this topic alone", async () => {
  const group = await newGroup();
  await commit(group, logOf(group));
  const other = await newTopic("state-other", { partitions: 1 });
  const groupId = group.group;
  await admin.setOffsets({
    ...{ groupId, topic: other },
    partitions: [{ partition: 0, offset: "0" }],
  });
  const unasked = await state("reset", ...group.flags);
  assert.equal(unasked.exitCode, 2);
  assert.match(
    unasked.stderr,
    /^Cannot reset: there is no terminal to ask on, add --yes$/m,
  );
  const { exitCode, stderr } = await state("reset", "--yes", ...group.flags);
  assert.equal(exitCode, 0, stderr);
  assert.match(stderr, /is reset: a run begins at the start of topic/);
  const topics = [group.topic, other];
  const [offsets, others] = await admin.fetchOffsets({ groupId, topics });
  assert.deepEqual(
    offsets!.partitions.map(({ offset }) => offset),
    ["-1", "-1"],
  );
  assert.equal(others!.partitions[0]!.offset, "0");
  for (const { low, high } of await admin.fetchTopicOffsets(group.windowLog)) {
    assert.equal(low, high);
  }
  const again = await state("reset", ...group.flags);
  assert.match(again.stderr, /has nothing to reset/);
});

test("state reset ends the transactions that are open", async () => {
  const group = await newGroup();
  await commit(group, logOf(group));
  const transaction = await group.writer.transaction();
  const { topic } = group;
  const message = { value: mark(8, { topic }), partition: 0 };
  await transaction.send({ topic: group.windowLog, messages: [message] });
  const { exitCode, stderr } = await state("reset", "--yes", ...group.flags);
  assert.equal(exitCode, 0, stderr);
  await assert.rejects(transaction.commit(), {
    type: "INVALID_PRODUCER_EPOCH",
  });
});

test("state reset refuses while the group has members", async () => {
  const group = await newGroup();
  await commit(group, logOf(group));
  const consumer = kafka.consumer({ groupId: group.group });
  await consumer.connect();
  const joined = new Promise((resolve) =>
    consumer.on(consumer.events.GROUP_JOIN, resolve),
  );
  await consumer.subscribe({ topic: group.topic });
  await consumer.run({ autoCommit: false, eachMessage: async () => {} });
  await joined;
  try {
    const { exitCode, stderr } = await state("reset", "--yes", ...group.flags);
    assert.equal(exitCode, 1);
    assert.match(
      stderr,
      /^Cannot reset group "\S+": it has a member at \S+, stop it first; what was killed, or has an --instance, is out when its session timeout is over$/m,
    );
    const { stdout } = await state("verify", ...group.flags);
    assert.match(stdout, /\[0\]: in order, 7 records/);
  } finally {
    await consumer.disconnect();
  }
});

test("state reset leaves a window log alone that holds windows of another topic", async () => {
  const group = await newGroup();
  await commit(group, logOf({ ...group, topic: "purchases" }));
  const { exitCode, stderr } = await state("reset", "--yes", ...group.flags);
  assert.equal(exitCode, 1);
  assert.equal(
    stderr,
    `Cannot reset group "${group.group}" in topic "${group.topic}": window log ` +
      `"${group.windowLog}" holds windows of topic "purchases", which would be ` +
      `deleted; name the window log of "${group.topic}" with --window-log, or ` +
      'reset "purchases" first, with --from kafka:purchases\n',
  );
  const { stdout } = await state("verify", ...group.flags);
  assert.match(stdout, /\[0\]: not in order, 7 records/);
});

test("state reset leaves the window log of another group alone", async () => {
  const owner = await newGroup();
  await commit(owner, logOf(owner));
  const { topic, windowLog } = owner;
  const reset = async (group: string) => {
    const flags = [...owner.flags, "--group", group];
    const { exitCode, stderr } = await state("reset", "--yes", ...flags);
    assert.equal(exitCode, 1);
    return stderr;
  };
  // Logs of before name who wrote them alone.
  assert.equal(
    await reset("never"),
    `Cannot reset group "never" in topic "${topic}": window log "${windowLog}" ` +
      `holds windows of another group, as "${owner.group}-me" has written to it, ` +
      'which would be deleted; name the window log of group "never" with ' +
      "--window-log\n",
  );
  const group = "named";
  await write(owner, [mark(8, { topic, group })]);
  assert.match(await reset("never"), /holds windows of another group, as/);
  assert.equal(
    await reset(owner.group),
    `Cannot reset group "${owner.group}" in topic "${topic}": window log ` +
      `"${windowLog}" holds windows of group "named", which would be deleted; ` +
      "those of this group are among them: stop both jobs, delete topic " +
      `"${windowLog}" yourself, and reset each\n`,
  );
  const { stdout } = await state("verify", ...owner.flags);
  assert.match(stdout, /\[0\]: in order, 7 records/);
});

test("state reset of a group that has committed another's windows names the way out", async () => {
  const adopter = await newGroup();
  const { group, topic, windowLog, flags } = adopter;
  await commit(adopter, [mark(7, { topic, group: "owner", by: "owner-me" })]);
  const { exitCode, stderr } = await state("reset", "--yes", ...flags);
  assert.equal(exitCode, 1);
  assert.equal(
    stderr,
    `Cannot reset group "${group}" in topic "${topic}": window log ` +
      `"${windowLog}" holds windows of group "owner", which would be deleted; it ` +
      "has none of this group, which begins anew with another --window-log once " +
      "its offsets are deleted with Kafka's own tool: kafka-consumer-groups " +
      `--delete-offsets --group ${group} --topic ${topic}\n`,
  );
});

test("state reset leaves a topic alone that is no window log", async () => {
  const group = await newGroup();
  await write(group, [...logOf(group), Buffer.from('{"visit_id":"v"}')]);
  const { exitCode, stderr } = await state("reset", "--yes", ...group.flags);
  assert.equal(exitCode, 1);
  assert.equal(
    stderr,
    `Cannot reset group "${group.group}": ${group.windowLog}[0] at 7 is no ` +
      "record of a window log that this version knows, and would be deleted; " +
      "name the window log with --window-log, or delete topic " +
      `"${group.windowLog}" yourself\n`,
  );
  const offsets = await admin.fetchTopicOffsets(group.windowLog);
  assert.deepEqual(
    offsets.map(({ low }) => low),
    ["0", "0"],
  );
});

test("state reset empties the log of a group whatever is in it", async () => {
  const group = await newGroup();
  await commit(group, logOf(group));
  await write(group, [Buffer.from("no record of a window log")]);
  const { exitCode, stderr } = await state("reset", "--yes", ...group.flags);
  assert.equal(exitCode, 0, stderr);
  for (const { low, high } of await admin.fetchTopicOffsets(group.windowLog)) {
    assert.equal(low, high);
  }
});
