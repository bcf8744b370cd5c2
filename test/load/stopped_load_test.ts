import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Command, type Ended } from "../e2e/command.ts";
import { testClient } from "../e2e/produce.ts";
import { testKafka } from "../support/test_kafka.ts";
import { recordsIn } from "./records_in.ts";

const { brokers, newTopic } = await testKafka();
const sessions = await newTopic("sessions", { partitions: 1 });
const folder = mkdtempSync(join(tmpdir(), "sessionmill-stopped-"));
after(() => rmSync(folder, { recursive: true }));
/** A load that is told to stop ends within this, ms. */
const SOON_MS = 4_000;

/** Starts a load, sends it Ctrl-C when `condition` holds for its topic. */
async function stopped(
  args: readonly string[],
  condition: (topic: string) => Promise<boolean>,
): Promise<Ended> {
  const topic = await newTopic("visits", { partitions: 2 });
  const load = new Command([
    ...["load", "--brokers", brokers, "--to", `kafka:${topic}`],
    ...["--sessions", `kafka:${sessions}`, "--duration", "30s", ...args],
  ]);
  await load.until(() => condition(topic));
  const stoppedAtMs = performance.now();
  load.kill("SIGINT");
  const ended = await load.ended();
  const elapsedMs = performance.now() - stoppedAtMs;
  assert.ok(elapsedMs < SOON_MS, `it took ${elapsedMs} ms`);
  assert.equal(ended.exitCode, 0, ended.stderr);
  return ended;
}

const isBegun = async (topic: string) => (await recordsIn(brokers, topic)) > 0;
const isMeasured = async (topic: string) =>
  (await recordsIn(brokers, topic)) > 2000;

test("load says in a sentence that nothing was measured, when it is stopped in its warm-up", async () => {
  const plot = join(folder, "none.svg");
  const args = ["--rate", "1k", "--plot", plot];
  const { stdout } = await stopped(args, isBegun);
  assert.equal(stdout, "Stopped early: nothing was measured.\n");
  assert.ok(!existsSync(plot));
  const json = await stopped(["--rate", "1k", "--json"], isBegun);
  const { load, rates } = JSON.parse(json.stdout);
  assert.deepEqual(rates, []);
  assert.equal(load.stoppedEarly, "signal");
});

async function groupsOfLoads(): Promise<string[]> {
  const admin = testClient(brokers).admin();
  await admin.connect();
  const { groups } = await admin.listGroups();
  await admin.disconnect();
  return groups
    .map(({ groupId }) => groupId)
    .filter((name) => name.startsWith("sessionmill-load"));
}

test("load ends soon when it is stopped before it has begun", async () => {
  // Other tests load the same broker.
  const before = await groupsOfLoads();
  const isJoining = async () => {
    const groups = await groupsOfLoads();
    return groups.some((group) => !before.includes(group));
  };
  const { stdout } = await stopped(["--rate", "1k"], isJoining);
  assert.equal(stdout, "Stopped early: nothing was measured.\n");
});

test("load tells what it has measured when it is stopped, and leaves out what was not begun", async () => {
  const plot = join(folder, "cut.html");
  const args = ["--rate", "1k,2k", "--warm-up", "500ms"];
  const cut = await stopped([...args, "--json", "--plot", plot], isMeasured);
  const { load, rates } = JSON.parse(cut.stdout);
  assert.equal(load.stoppedEarly, "signal");
  assert.deepEqual(load.leftOut, [2000]);
  assert.equal(rates.length, 1);
  const [rate] = rates;
  assert.equal(rate.stoppedEarly, true);
  assert.equal(rate.warmUpMs, 500);
  assert.equal(rate.durationMs, rate.visits - 500);
  assert.equal(rate.send.count, rate.durationMs);
  assert.match(rate.limits.join(), /it was stopped early: sessions that were/);
  assert.doesNotMatch(rate.limits.join(), /is the job running/);
  const page = readFileSync(plot, "utf8");
  assert.match(page, /1,000 visits\/s, stopped early/);
  assert.match(page, /Stopped early: nothing was measured of 2,000 visits\/s/);
  const { stdout } = await stopped(args, isMeasured);
  assert.match(
    stdout,
    /^1,000 visits\/s for \d+\.\d\d s of 30\.00 s, behind 0\.50 s/,
  );
  assert.match(
    stdout,
    /\nStopped early: nothing was measured of 2,000 visits\/s\.\n$/,
  );
});
