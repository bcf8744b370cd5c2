import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { testKafka } from "../support/test_kafka.ts";
import { Command, runCommand } from "./command.ts";
import { produce, visitJson } from "./produce.ts";

const { brokers, newTopic } = await testKafka();

/** Where a command says that its admin server is. */
async function urlOf(run: Command): Promise<string> {
  const line = /admin server at (http:\/\/\S+)\n/;
  await run.until(() => line.test(run.stderr));
  return line.exec(run.stderr)![1]!;
}

function startRun(topic: string, flags: readonly string[]): Command {
  return new Command([
    ...["run", "--brokers", brokers, "--from", `kafka:${topic}`],
    ...["--to", "null", "--group", `group-${randomUUID()}`],
    ...["--admin", "127.0.0.1:0", ...flags],
  ]);
}

/** What `sessionmill explain` prints, once it says what is expected. */
async function explained(
  run: Command,
  options: { url: string; visitId: string; expected: RegExp },
): Promise<string> {
  const { url, visitId, expected } = options;
  let last = "";
  const ask = async () => {
    const argv = ["explain", visitId, "--admin", url];
    const { stdout, stderr } = await runCommand(argv);
    last = stdout + stderr;
    return expected.test(last);
  };
  await run.until(ask).catch(() => assert.fail(last));
  return last;
}

test("explain: a session that a silent partition holds back, and what becomes of it", async () => {
  const topic = await newTopic("visits", { partitions: 3 });
  const visit = (visitId: string, partition: number, minute: number) => ({
    partition,
    value: visitJson(visitId, { minute }),
  });
  const messages = [visit("v7", 0, 0), visit("x", 1, 120), visit("y", 2, 5)];
  await produce(brokers, { topic, messages });
  const run = startRun(topic, ["--idle-timeout", "0", "--workers", "2"]);
  const url = await urlOf(run);
  const held = await explained(run, {
    ...{ url, visitId: "v7" },
    expected: /is silent for/,
  });
  // Its own partition is behind as well: it has the lowest clock of all.
  assert.match(
    held,
    /^Session 0-0 of "v7" is open: it ends at 2024-06-01 00:10:00Z, and the watermark is at 2024-05-31 23:40:00Z, 30 min before; \S+\[0\] holds it back: it is silent for \d+ s, and is waited for however long it takes\.\n$/,
  );
  const later = { topic, messages: [visit("z", 0, 120)] };
  await produce(brokers, later);
  const next = await explained(run, {
    ...{ url, visitId: "v7" },
    expected: /\[2\] holds it back/,
  });
  assert.match(
    next,
    /the watermark is at 2024-05-31 23:45:00Z, 25 min before;/,
  );
  await produce(brokers, { topic, messages: [visit("z", 2, 31)] });
  const out = await explained(run, {
    ...{ url, visitId: "v7" },
    expected: /was put out once/,
  });
  assert.match(
    out,
    /^Session 0-0 of "v7" was put out once and waits for late visits alone: it is final at 2024-06-01 00:25:00Z, and the watermark is at 00:11:00Z, 14 min before;/,
  );
  await produce(brokers, { topic, messages: [visit("z", 2, 45)] });
  await explained(run, {
    ...{ url, visitId: "v7" },
    expected:
      /^"v7" has no open session here: it was put out and forgotten, or never seen, or another process of the group has it\.\n$/,
  });
  run.kill("SIGINT");
  const { exitCode, stderr } = await run.ended();
  assert.equal(exitCode, 0, stderr);
});

test("explain: nobody counts when all partitions are idle", async () => {
  const topic = await newTopic("visits", { partitions: 1 });
  const messages = [{ partition: 0, value: visitJson("v7") }];
  await produce(brokers, { topic, messages });
  const run = startRun(topic, ["--idle-timeout", "1s"]);
  await explained(run, {
    ...{ url: await urlOf(run), visitId: "v7" },
    expected:
      /is open: .*; its one partition is idle, so it stands still until a visit comes\.\n$/,
  });
  run.kill("SIGINT");
  assert.equal((await run.ended()).exitCode, 0);
});
