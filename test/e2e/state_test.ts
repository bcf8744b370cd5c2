import assert from "node:assert/strict";
import { test } from "node:test";
import type { StateReport } from "../../src/state/state_report.ts";
import { runInProcess } from "../cli/fake_world.ts";
import { testKafka } from "../support/test_kafka.ts";
import { waitUntil } from "../support/wait_until.ts";
import { Command, generate, jobArguments } from "./command.ts";

const { brokers, newTopic } = await testKafka();
const visits = await newTopic("visits", { partitions: 2 });
const sessions = await newTopic("sessions", { partitions: 2 });
const PLACE = [
  ...["--brokers", brokers, "--from", `kafka:${visits}`],
  ...["--group", `group-of-${visits}`],
];

test("state: says of a run that was killed what the next one goes on with", async () => {
  const records = await generateVisits(20_000);
  const first = startRun(1);
  await first.until(async () => committedIn(await report()) === records);
  first.kill("SIGKILL");
  await first.gone();
  const open = openIn(await report());
  assert.ok(open > 100, `${open} sessions open`);
  await verify();
  const second = startRun(2);
  const came = new RegExp(`"sessions":${open}\\b.*came back`);
  await second.until(() => came.test(second.stderr));
  const more = await generateVisits(1000);
  await second.until(
    async () => committedIn(await report()) === records + more,
  );
  const { stderr } = await state("reset", "--yes");
  assert.match(stderr, /^Cannot reset group "\S+": it has a member at /m);
  second.kill("SIGTERM");
  assert.equal((await second.ended()).exitCode, 0);
  await verify();
  // It has a name, so it stays a member until its session timeout is over.
  await waitUntil(async () => (await state("reset", "--yes")).exitCode === 0);
  const { partitions } = await report();
  assert.deepEqual(
    partitions.map(({ offset, log }) => ({ offset, log })),
    Array(2).fill({ offset: null, log: null }),
  );
});

async function generateVisits(count: number): Promise<number> {
  const to = ["--brokers", brokers, "--to", `kafka:${visits}`];
  return await generate([...to, "--count", String(count)]);
}

function startRun(workers: number): Command {
  return new Command(
    jobArguments([
      ...[...PLACE, "--to", `kafka:${sessions}`],
      ...["--guarantee", "exactly-once", "--instance", "a"],
      ...["--workers", String(workers), "--session-timeout", "6s"],
    ]),
  );
}

async function state(...argv: readonly string[]) {
  return await runInProcess(["state", ...argv, ...PLACE]);
}

async function verify(): Promise<void> {
  const { exitCode, stdout, stderr } = await state("verify");
  assert.equal(exitCode, 0, stderr + stdout);
}

async function report(): Promise<StateReport> {
  const { exitCode, stdout, stderr } = await state("show", "--json");
  assert.equal(exitCode, 0, stderr);
  return JSON.parse(stdout);
}

function openIn({ partitions }: StateReport): number {
  const counts = partitions.map(({ log }) => log?.openSessions ?? 0);
  return counts.reduce((sum, count) => sum + count, 0);
}

function committedIn({ partitions }: StateReport): number {
  return partitions.reduce((sum, { offset }) => sum + (offset ?? 0), 0);
}
