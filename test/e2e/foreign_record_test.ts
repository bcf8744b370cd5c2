import assert from "node:assert/strict";
import { test } from "node:test";
import { runInProcess } from "../cli/fake_world.ts";
import { kafkaClients } from "../support/kafka_clients.ts";
import { testKafka } from "../support/test_kafka.ts";
import { waitUntil } from "../support/wait_until.ts";
import { Command, jobArguments, jobOutcome, runCommand } from "./command.ts";
import { committedOffsets } from "./committed.ts";
import { visitJson } from "./produce.ts";

const { brokers, newTopic } = await testKafka();
const { admin, producer } = kafkaClients(brokers);

test("run: a record of another program in the window log is named, and a reset helps", async () => {
  const visits = await newTopic("visits", { partitions: 1 });
  const sessions = await newTopic("sessions", { partitions: 1 });
  const place = ["--from", `kafka:${visits}`, "--brokers", brokers];
  const flags = [...place, "--group", visits, "--to", `kafka:${sessions}`];
  const runTo = async (offset: number) => {
    const job = new Command(jobArguments([...flags, "--workers", "1"]));
    await job.until(async () => {
      const [committed] = await committedOffsets(admin, visits);
      return committed === offset;
    });
    job.kill("SIGTERM");
    jobOutcome(await job.ended());
  };
  const send = (topic: string, value: string) =>
    producer.send({ topic, messages: [{ value }] });
  const log = `sessionmill-${visits}-windows`;
  await send(visits, visitJson("a"));
  await runTo(1);
  const [end] = await admin.fetchTopicOffsets(log);
  await send(log, "hello");
  await send(visits, visitJson("b"));
  await runTo(2);
  const { exitCode, stderr } = await runCommand(["run", ...flags]);
  assert.equal(exitCode, 1);
  const reset = `sessionmill state reset ${place.join(" ")} --group ${visits} --window-log ${log}`;
  assert.equal(
    stderr.trimEnd().split("\n").at(-1),
    `Cannot read window log ${log}[0] at ${end!.high}: "hello" is no record of a ` +
      "window log that this version knows; another program has written it, or a " +
      `newer version, which reads it; start anew with: ${reset}`,
  );
  const argv = [...reset.split(" ").slice(1), "--yes"];
  await waitUntil(async () => (await runInProcess(argv)).exitCode === 0);
  await runTo(2);
});
