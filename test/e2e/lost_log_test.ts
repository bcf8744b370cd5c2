import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { runInProcess } from "../cli/fake_world.ts";
import { kafkaClients } from "../support/kafka_clients.ts";
import { testKafka } from "../support/test_kafka.ts";
import { Command, jobArguments, jobOutcome, runCommand } from "./command.ts";
import { committedOffsets } from "./committed.ts";
import { produce, visitJson } from "./produce.ts";

const { brokers, newTopic, createTopic } = await testKafka();
const { admin } = kafkaClients(brokers);

/** A group that has committed open sessions to its window log. */
async function newGroup() {
  const visits = await newTopic("visits", { partitions: 1 });
  const sessions = await newTopic("sessions", { partitions: 1 });
  const messages = [{ value: visitJson("v") }];
  await produce(brokers, { topic: visits, messages });
  const place = ["--from", `kafka:${visits}`, "--brokers", brokers];
  const flags = [...place, "--group", visits, "--to", `kafka:${sessions}`];
  const hasCommitted = async () =>
    (await committedOffsets(admin, visits))[0] === 1;
  const runOnce = async () => {
    const job = new Command(jobArguments(flags));
    await job.until(hasCommitted);
    job.kill("SIGTERM");
    jobOutcome(await job.ended());
  };
  await runOnce();
  const log = `sessionmill-${visits}-windows`;
  const reset = `sessionmill state reset ${place.join(" ")} --group ${visits} --window-log ${log}`;
  return { visits, flags, log, reset, runOnce };
}

/** What a run is refused with. */
async function refusal(flags: readonly string[]): Promise<string> {
  const { exitCode, stderr } = await runCommand(["run", ...flags]);
  assert.equal(exitCode, 1, stderr);
  return stderr.trimEnd().split("\n").at(-1)!;
}

/** `sessionmill state`, once the member of a run that was refused is out. */
async function state(argv: readonly string[]) {
  for (;;) {
    const done = await runInProcess(["state", ...argv, "--yes"]);
    if (!/: it has a member at /.test(done.stderr)) return done;
    await sleep(200);
  }
}

const isThere = async (topic: string) =>
  (await admin.listTopics()).includes(topic);

test("run: a window log that was deleted is not made anew, and is missed", async () => {
  const { visits, flags, log, reset, runOnce } = await newGroup();
  await admin.deleteTopics({ topics: [log] });
  assert.equal(
    await refusal(flags),
    `Cannot go on: window log "${log}" does not exist, and group "${visits}" has ` +
      `open sessions of "${visits}" in it: it was deleted, or was called ` +
      "otherwise with --window-log; name it as it was, or start anew with: " +
      reset,
  );
  assert.equal(await isThere(log), false);
  const { exitCode, stderr } = await state(reset.split(" ").slice(2));
  assert.equal(exitCode, 0, stderr);
  await runOnce();
  assert.ok(await isThere(log));
});

test("run: another window log than before is told apart, and not made", async () => {
  const { visits, flags, log, reset } = await newGroup();
  const mistyped = `${log}x`;
  assert.equal(
    await refusal([...flags, "--window-log", mistyped]),
    `Cannot go on with window log "${mistyped}": group "${visits}" has its open ` +
      `sessions of "${visits}" in "${log}"; add --window-log ${log}, or start ` +
      `anew with: ${reset}`,
  );
  assert.equal(await isThere(mistyped), false);
  for (const what of ["show", "verify", "reset"]) {
    const { exitCode, stderr } = await state([
      ...[what, "--brokers", brokers, "--group", visits],
      ...["--from", `kafka:${visits}`, "--window-log", mistyped],
    ]);
    assert.equal(exitCode, 1);
    assert.equal(
      stderr,
      `Cannot look at window log "${mistyped}": group "${visits}" has its open ` +
        `sessions of "${visits}" in "${log}", add --window-log ${log}\n`,
    );
  }
});

test("run: a window log that somebody has made anew is told to be empty", async () => {
  const { flags, log, reset } = await newGroup();
  await admin.deleteTopics({ topics: [log] });
  const config = { "retention.ms": "-1", "retention.bytes": "-1" };
  await createTopic(log, { partitions: 1, config });
  assert.equal(
    (await refusal(flags)).replace(/offset \d+/, "offset N"),
    `Cannot restore from topic "${log}": partition 0 is needed up to offset N, ` +
      "but it is empty: the topic was deleted and created anew; start anew " +
      `with: ${reset}`,
  );
  const { exitCode, stderr } = await state([
    "show",
    ...reset.split(" ").slice(3),
  ]);
  assert.equal(exitCode, 1);
  assert.match(
    stderr,
    new RegExp(`it is empty: .*; start anew with: ${reset}$`, "m"),
  );
});
