import assert from "node:assert/strict";
import { test } from "node:test";
import { runInProcess } from "../cli/fake_world.ts";
import { testKafka } from "../support/test_kafka.ts";
import { Command, jobArguments, jobOutcome, runCommand } from "./command.ts";
import { produce, visitJson } from "./produce.ts";

const { brokers, newTopic } = await testKafka();

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
