import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import type { StateReport } from "../../src/state/state_report.ts";
import { runInProcess } from "../cli/fake_world.ts";
import { kafkaClients } from "../support/kafka_clients.ts";
import { testKafka } from "../support/test_kafka.ts";
import { waitUntil } from "../support/wait_until.ts";
import { Command, jobArguments, jobOutcome } from "./command.ts";
import { visitJson } from "./produce.ts";

const kafka = await testKafka();
const { brokers } = kafka;
const { admin, producer } = kafkaClients(brokers);

/** A job that runs now and then, and what is said of its window log. */
async function newJob() {
  const visits = `verified-${randomUUID()}`;
  const sessions = await kafka.newTopic("sessions", { partitions: 1 });
  const place = [
    ...["--brokers", brokers, "--from", `kafka:${visits}`],
    ...["--group", `group-of-${visits}`],
  ];
  /** Runs until the state is such; what `verify` says then. */
  const run = async (
    isReached: (partition: StateReport["partitions"][0]) => boolean,
  ) => {
    const job = new Command(
      jobArguments([
        ...[...place, "--to", `kafka:${sessions}`, "--workers", "1"],
        ...["--on-new-topic", "drop"],
      ]),
    );
    await job.until(async () => {
      const { stdout } = await runInProcess([
        ...["state", "show", "--json", ...place],
      ]);
      return isReached((JSON.parse(stdout) as StateReport).partitions[0]!);
    });
    const saying = verify();
    job.kill("SIGTERM");
    jobOutcome(await job.ended());
    return await saying;
  };
  const verify = async () => {
    const { stdout, stderr } = await runInProcess([
      ...["state", "verify", ...place],
    ]);
    return stdout.slice(stdout.indexOf(":") + 2) + stderr;
  };
  const send = async (from: number, to: number) => {
    const messages = [];
    for (let minute = from; minute < to; minute++) {
      messages.push({ value: visitJson(`v${minute}`, { minute }) });
    }
    await producer.send({ topic: visits, messages });
  };
  return { visits, group: `group-of-${visits}`, run, verify, send };
}

const IN_ORDER = /^in order, \d+ records, \d+ sessions open\n$/;

test("state verify: a log is in order whatever happens between its runs", async () => {
  const { visits, group, run, verify, send } = await newJob();
  await kafka.createTopic(visits, { partitions: 1 });
  await send(0, 30);
  assert.match(await run(({ offset }) => offset === 30), IN_ORDER);

  // A process of another name takes over, and commits no more than that.
  const { stdout } = await runInProcess([
    ...["state", "show", "--json", "--brokers", brokers],
    ...["--from", `kafka:${visits}`, "--group", group],
  ]);
  const { by } = (JSON.parse(stdout) as StateReport).partitions[0]!.log!;
  assert.match(await run(({ log }) => log !== null && log.by !== by), IN_ORDER);

  // Another program sets the offset back.
  const offset = { partition: 0, offset: "10" };
  await waitUntil(() =>
    admin
      .setOffsets({ groupId: group, topic: visits, partitions: [offset] })
      .then(
        () => true,
        () => false,
      ),
  );
  assert.equal(
    await verify(),
    "another program has committed offset 10, a run drops 30 open sessions that the log has of it\n",
  );
  await send(30, 40);
  assert.match(await run(({ offset }) => offset === 40), IN_ORDER);

  // The topic is made anew: offsets, clocks and commits begin again.
  await admin.deleteTopics({ topics: [visits] });
  await kafka.createTopic(visits, { partitions: 1 });
  await send(0, 20);
  assert.match(await run(({ offset }) => offset === 20), IN_ORDER);
});
