import assert from "node:assert/strict";
import { after, test } from "node:test";
import { initProducerId } from "../../src/kafka/private/transaction_seam.ts";
import { handBroker } from "../support/group_member.ts";
import { testKafka } from "../support/test_kafka.ts";
import { Command } from "./command.ts";

const { brokers, newTopic } = await testKafka();
const hand = await handBroker(brokers);
after(() => hand.close());

const DEADLINE_MS = 60_000;
/** So many failures within a minute end a process, but for those of this kind. */
const FAILURES = 3;

/** How often the process has begun again, or is about to. */
function recoveriesOf({ stderr }: Command): number {
  return stderr.split("begins again from the last commit").length - 1;
}

test("run: what a process of the same name fences does not count, once its seat is back", async () => {
  const visits = await newTopic("visits", { partitions: 1 });
  const sessions = await newTopic("sessions", { partitions: 1 });
  const transactionalId = `${visits}-one`;
  const own = ["--group", visits, "--instance", "one"];
  const start = () =>
    new Command(
      [
        ...["run", "--brokers", brokers, ...own, "--gap", "1s"],
        ...["--from", `kafka:${visits}`, "--to", `kafka:${sessions}`],
        ...["--out-of-orderness", "0s", "--guarantee", "exactly-once"],
        ...["--session-timeout", "30s"],
      ],
      { deadlineMs: DEADLINE_MS },
    );
  const generator = new Command(
    [
      ...["generate", "--brokers", brokers, "--to", `kafka:${visits}`],
      ...["--rate", "200"],
    ],
    { deadlineMs: DEADLINE_MS },
  );
  const living = start();
  await living.until(() => living.stderr.includes("partitions are assigned"));
  const late = start();
  await living.until(() => living.stderr.includes("takes the seat back"));
  late.kill("SIGKILL");
  await late.gone();
  for (let failure = 0; failure < FAILURES; failure++) {
    const before = recoveriesOf(living);
    await living.until(async () => {
      await initProducerId(hand.broker, { transactionalId, timeoutMs: 10_000 });
      return recoveriesOf(living) > before;
    });
  }
  generator.kill("SIGTERM");
  await generator.ended();
  living.kill("SIGTERM");
  const { exitCode, stderr } = await living.ended();
  assert.equal(exitCode, 0, stderr);
});
