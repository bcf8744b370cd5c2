import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { runCommand } from "../e2e/command.ts";
import { produce } from "../e2e/produce.ts";
import { testKafka } from "../support/test_kafka.ts";

const { brokers, newTopic } = await testKafka();
const visits = await newTopic("visits", { partitions: 2 });
const sessions = await newTopic("sessions", { partitions: 1 });
const folder = mkdtempSync(join(tmpdir(), "sessionmill-load-"));
after(() => rmSync(folder, { recursive: true }));
const THERE = join(folder, "there.svg");
writeFileSync(THERE, "somebody's work");
mkdirSync(join(folder, "2000"));
writeFileSync(join(folder, "2000/close.hlog"), "somebody's work");
const BRIEF = ["--rate", "1k,2k", "--duration", "1s", "--warm-up", "0"];

async function refusal(args: readonly string[]) {
  const { exitCode, stdout, stderr } = await runCommand([
    ...["load", "--brokers", brokers, ...BRIEF, ...args],
  ]);
  assert.equal(stdout, "");
  return { exitCode, stderr };
}

test("load refuses what it cannot do in a sentence", async () => {
  const topics = ["--to", `kafka:${visits}`, "--sessions", `kafka:${sessions}`];
  const cases: [string[], number, RegExp][] = [
    [
      ["--to", "kafka:nix"],
      1,
      /topic "nix" does not exist on .*, expected the/,
    ],
    [
      ["--to", `kafka:${visits}`, "--sessions", "kafka:no"],
      1,
      /topic "no" does/,
    ],
    [["--to", "file:a"], 2, /--to must be "kafka:TOPIC", got "file:a"/],
    [
      ["--rate", "0"],
      2,
      /--rate must be rates such as "10k,50k,100k", of 1 to/,
    ],
    [["--rate", "10k,fast"], 2, /--rate must be rates such as/],
    [["--admin", "ftp://x"], 2, /--admin must be a URL such as "http:/],
    [["--pid", "job=x"], 2, /--pid must be ids of processes such as/],
    [[...topics, "--plot", "a.gif"], 2, /must end with \.svg or \.html/],
    [[...topics, "--plot", THERE], 2, /it exists, take another name or/],
    [[...topics, "--plot", "no/a.svg"], 1, /there is no folder "no"/],
    [[...topics, "--histograms", folder], 2, /has a close\.hlog, take anoth/],
    [
      [...topics, "--admin", "127.0.0.1:1"],
      1,
      /Cannot ask the job at http:\S+1: /,
    ],
    [[...topics, "--pid", "999999999"], 2, /no process 999999999 in \/proc/],
  ];
  for (const [args, code, pattern] of cases) {
    const { exitCode, stderr } = await refusal(args);
    assert.match(stderr, pattern);
    assert.equal(exitCode, code, args.join(" "));
  }
});

test("load refuses a topic with visits of others, unless it is told to", async () => {
  const topic = await newTopic("visits", { partitions: 2 });
  const value = JSON.stringify({
    visit_id: "cart-7",
    event_time: "2030-01-01T00:00:00Z",
    page: "index",
    user_id: "u",
  });
  await produce(brokers, { topic, messages: [{ key: "cart-7", value }] });
  const args = ["--to", `kafka:${topic}`, "--sessions", `kafka:${sessions}`];
  const { exitCode, stderr } = await refusal(args);
  assert.equal(exitCode, 2);
  assert.match(stderr, /holds visits of others, such as of "cart-7"/);
  const { stdout } = await runCommand([
    ...["load", "--brokers", brokers, ...BRIEF, ...args],
    ...["--among-others", "--json", "--drain", "100ms"],
  ]);
  assert.ok(JSON.parse(stdout).load.startTime > "2030-01-01T01:00:00Z");
});
