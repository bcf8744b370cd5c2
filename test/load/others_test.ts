import assert from "node:assert/strict";
import { test } from "node:test";
import { Command, generate, runCommand } from "../e2e/command.ts";
import { testKafka } from "../support/test_kafka.ts";
import { recordsIn } from "./records_in.ts";

const { brokers, newTopic } = await testKafka();
const sessions = await newTopic("sessions", { partitions: 1 });
const BRIEF = ["--duration", "1s", "--warm-up", "0", "--drain", "100ms"];

function loadOf(topic: string, args: readonly string[]): string[] {
  return [
    ...["load", "--brokers", brokers, "--rate", "1k", ...BRIEF],
    ...["--to", `kafka:${topic}`, "--sessions", `kafka:${sessions}`, ...args],
  ];
}

test("load takes the visits of generate for those of others, with the same seed and below its own too", async () => {
  const topic = await newTopic("visits", { partitions: 2 });
  const to = ["--brokers", brokers, "--to", `kafka:${topic}`];
  await generate([...to, "--count", "100"]);
  const refused = await runCommand(loadOf(topic, []));
  assert.equal(refused.exitCode, 2);
  assert.match(refused.stderr, /holds visits of others, such as of "\d{15}_/);
  const many = ["--among-others", "--rate", "3k", "--json"];
  const among = await runCommand(loadOf(topic, many));
  assert.equal(among.exitCode, 0, among.stderr);
  const [rate] = JSON.parse(among.stdout).rates;
  assert.equal(rate.foreignRecords, 0);
  assert.equal(rate.visits, 3000);
  const again = await runCommand(loadOf(topic, []));
  assert.equal(again.exitCode, 2, again.stdout);
});

test("load takes its own visits for its own, whatever their seed was", async () => {
  const topic = await newTopic("visits", { partitions: 2 });
  let before = "";
  for (const seed of ["1", "1", "7"]) {
    const args = loadOf(topic, ["--seed", seed, "--json"]);
    const { exitCode, stdout, stderr } = await runCommand(args);
    assert.equal(exitCode, 0, stderr);
    const { load, rates } = JSON.parse(stdout);
    assert.ok(load.startTime > before);
    assert.equal(load.stoppedEarly, null);
    assert.equal(rates[0].foreignRecords, 0);
    before = load.startTime;
  }
});

test("load ends when others begin to write to its topic, and says so, unless it is told to go on", async () => {
  for (const isAmongOthers of [false, true]) {
    const topic = await newTopic("visits", { partitions: 2 });
    const going = isAmongOthers ? ["--among-others"] : ["--duration", "40s"];
    const load = new Command(
      loadOf(topic, ["--duration", "6s", "--json", ...going]),
    );
    const to = ["--brokers", brokers, "--to", `kafka:${topic}`];
    await load.until(() => hasVisits(topic));
    await generate([...to, "--count", "4000", "--rate", "2k"]);
    const { exitCode, stdout, stderr } = await load.ended();
    const { load: head, rates } = JSON.parse(stdout);
    const [rate] = rates;
    assert.match(rate.limits.join(), /others wrote [\d,]+ records to topic/);
    assert.equal(exitCode, isAmongOthers ? 0 : 1);
    assert.equal(head.stoppedEarly, isAmongOthers ? null : "others");
    if (isAmongOthers) {
      assert.equal(rate.foreignRecords, 4000);
      continue;
    }
    assert.match(stderr, /Cannot go on with the load: others write to topic/);
    assert.ok(rate.durationMs < 20_000, `${rate.durationMs} ms`);
  }
});

test("load refuses a topic that generate is filling", async () => {
  const topic = await newTopic("visits", { partitions: 2 });
  const to = ["--brokers", brokers, "--to", `kafka:${topic}`];
  const filling = new Command(["generate", ...to, "--rate", "2k"]);
  try {
    await filling.until(() => hasVisits(topic));
    const { exitCode, stdout, stderr } = await runCommand(loadOf(topic, []));
    assert.equal(exitCode, 2, stdout);
    assert.match(stderr, /holds visits of others/);
  } finally {
    filling.kill("SIGTERM");
    await filling.ended();
  }
});

async function hasVisits(topic: string): Promise<boolean> {
  return (await recordsIn(brokers, topic)) > 0;
}
