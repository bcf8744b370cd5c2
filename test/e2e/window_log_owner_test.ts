import assert from "node:assert/strict";
import { test } from "node:test";
import { runInProcess } from "../cli/fake_world.ts";
import { kafkaClients } from "../support/kafka_clients.ts";
import { testKafka } from "../support/test_kafka.ts";
import { waitUntil } from "../support/wait_until.ts";
import { Command, jobArguments, jobOutcome, runCommand } from "./command.ts";
import { produce, visitJson } from "./produce.ts";

const { brokers, newTopic } = await testKafka();
const { admin } = kafkaClients(brokers);

test("run: the window log of a job in the group is left to it by one of another topic", async () => {
  const visits = await newTopic("visits", { partitions: 1 });
  const purchases = await newTopic("purchases", { partitions: 1 });
  const sessions = await newTopic("sessions", { partitions: 1 });
  const messages = [{ value: visitJson("v") }];
  await produce(brokers, { topic: visits, messages });
  const shared = ["--brokers", brokers, "--group", visits];
  const of = (topic: string) => ["--from", `kafka:${topic}`, ...shared];
  const run = (topic: string) => [...of(topic), "--to", `kafka:${sessions}`];
  const first = new Command(jobArguments(run(visits)));
  const state = async (what: string, topic: string) =>
    await runInProcess(["state", what, "--json", "--yes", ...of(topic)]);
  const isCommitted = async () => {
    const { stdout } = await state("show", visits);
    return /"openSessions": 1/.test(stdout);
  };
  await first.until(isCommitted);
  first.kill("SIGTERM");
  jobOutcome(await first.ended());
  const windowLog = `sessionmill-${visits}-windows`;
  for (const onNewTopic of ["stop", "drop"]) {
    const flags = ["run", ...run(purchases), "--on-new-topic", onNewTopic];
    const { exitCode, stderr } = await runCommand(flags);
    assert.equal(exitCode, 1);
    assert.match(
      stderr,
      new RegExp(
        `^Cannot keep windows of "${purchases}" in topic "${windowLog}": it is ` +
          `the window log of topic "${visits}"; .*: give this job another ` +
          "--group, or another --window-log$",
        "m",
      ),
    );
  }
  const { exitCode, stderr } = await state("reset", purchases);
  assert.equal(exitCode, 1);
  assert.match(stderr, new RegExp(`holds windows of topic "${visits}"`));
  assert.ok(await isCommitted());
});

test("run: the window log of a group is left to it by another group", async () => {
  const visits = await newTopic("visits", { partitions: 1 });
  const sessions = await newTopic("sessions", { partitions: 1 });
  await produce(brokers, {
    topic: visits,
    messages: [{ value: visitJson("v") }],
  });
  const group = `group-of-${visits}`;
  const windowLog = `sessionmill-${group}-windows`;
  const of = (name: string) => [
    ...["--from", `kafka:${visits}`, "--brokers", brokers, "--group", name],
    ...["--window-log", windowLog],
  ];
  const run = (name: string) => [...of(name), "--to", `kafka:${sessions}`];
  const state = async (what: string, name: string) =>
    await runInProcess(["state", what, "--json", "--yes", ...of(name)]);
  const isCommitted = async () =>
    /"openSessions": 1/.test((await state("show", group)).stdout);
  const first = new Command(jobArguments(run(group)));
  await first.until(isCommitted);
  const second = `${group}-2`;
  // While the first one runs, too, and with an offset that somebody has set.
  for (const offset of [null, "0"]) {
    if (offset !== null) {
      const partitions = [{ partition: 0, offset }];
      // The member that was refused is out soon.
      await waitUntil(() =>
        admin.setOffsets({ groupId: second, topic: visits, partitions }).then(
          () => true,
          () => false,
        ),
      );
    }
    const { exitCode, stderr } = await runCommand(["run", ...run(second)]);
    assert.equal(exitCode, 1);
    assert.equal(
      stderr.trimEnd().split("\n").at(-1),
      `Cannot keep windows of group "${second}" in topic "${windowLog}": it is the ` +
        `window log of group "${group}"; each group needs its own: give this job ` +
        "another --window-log",
    );
  }
  await waitUntil(async () => {
    const { exitCode, stderr } = await state("reset", second);
    assert.equal(exitCode, 1);
    return new RegExp(`holds windows of group "${group}", which`).test(stderr);
  });
  assert.ok(await isCommitted());
  first.kill("SIGTERM");
  jobOutcome(await first.ended());
});
