import assert from "node:assert/strict";
import { mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { freePort } from "../../docker/local_kafka/free_port.ts";
import { Command, jobArguments, runCommand } from "../e2e/command.ts";
import { formsOfTopic } from "../e2e/session_forms.ts";
import { testKafka } from "../support/test_kafka.ts";
import { waitUntil } from "../support/wait_until.ts";

const { brokers, newTopic } = await testKafka();
const visits = await newTopic("visits", { partitions: 3 });
const sessions = await newTopic("sessions", {
  partitions: 2,
  config: { "message.timestamp.type": "LogAppendTime" },
});
const TOPICS = ["--to", `kafka:${visits}`, "--sessions", `kafka:${sessions}`];
const ADMIN = `127.0.0.1:${await freePort()}`;
const folder = mkdtempSync(join(tmpdir(), "load-"));

/** What `--json` tells of one latency. */
interface Latency {
  readonly count: number;
  readonly maxMs: number;
  readonly percentilesMs: Readonly<Record<string, number>>;
}

interface Rate {
  readonly rate: number;
  readonly visits: number;
}

const job = new Command(
  jobArguments([
    ...["--brokers", brokers, "--group", sessions, "--gap", "5m"],
    ...["--from", `kafka:${visits}`, "--to", `kafka:${sessions}`],
    ...["--admin", ADMIN],
  ]),
  { deadlineMs: 180_000 },
);
after(async () => {
  job.kill("SIGTERM");
  await job.gone();
});
before(() =>
  waitUntil(() => job.stderr.includes("partitions are assigned"), {
    timeoutMs: 60_000,
  }),
);

test("load measures a running job: every session of it is counted once, and files say what the JSON says", async () => {
  const report = await load([
    ...["--rate", "1k,2k", "--duration", "4s", "--warm-up", "2s"],
    ...["--gap", "5m", "--pid", `job=${job.pid}`, "--active", "60"],
    ...["--histograms", join(folder, "h"), "--plot", join(folder, "p.svg")],
  ]);
  assert.equal(report.sessionTimestamps, "append");
  assert.deepEqual(
    report.rates.map((each: Rate) => [each.rate, each.visits]),
    [
      [1000, 6000],
      [2000, 12_000],
    ],
  );
  let counted = 0;
  for (const rate of report.rates) {
    const { send, acknowledge, close, read } = rate;
    assert.equal(send.count, rate.rate * 4);
    assert.equal(acknowledge.count, send.count);
    assert.equal(read.count, close.count);
    assert.ok(close.count > 50, `${close.count} sessions`);
    assert.ok(rate.cores.job > 0 && rate.cores.load > 0);
    counted += close.count + rate.warmUpSessions;
    for (const percentile of ["50", "99"]) {
      const of = ({ percentilesMs }: Latency) => percentilesMs[percentile]!;
      assert.ok(of(send) <= of(acknowledge));
      // Stamps are cut to a millisecond.
      assert.ok(of(close) <= of(read) + 1);
    }
  }
  const forms = await formsOfTopic(brokers, sessions);
  assert.equal(counted, forms.length);
  const [low] = report.rates;
  const files = readdirSync(join(folder, "h", "1000")).sort();
  assert.deepEqual(
    files,
    ["acknowledge", "close", "read", "send"].flatMap((name) => [
      `${name}.hgrm`,
      `${name}.hlog`,
    ]),
  );
  const path = join(folder, "h", "1000", "close.hlog");
  const { stdout } = await runCommand(["latency", path, "--json"]);
  const [filed] = JSON.parse(stdout);
  assert.equal(filed.count, low.close.count);
  const error = filed.percentilesMs["99"] / low.close.percentilesMs["99"] - 1;
  assert.ok(Math.abs(error) < 0.01);
});

test("load goes on behind what the topic holds, by the rules that the job tells, with the job's latencies", async () => {
  const report = await load([
    ...["--rate", "1k", "--duration", "12s", "--warm-up", "1s"],
    ...["--admin", ADMIN, "--active", "60"],
  ]);
  assert.ok(report.load.startTime > "2024-06-01T02:00:00");
  const [rate] = report.rates;
  assert.ok(rate.close.count > 50);
  assert.equal(rate.lag, 0);
  assert.ok(rate.cores.job > 0);
  const [processing, closing] = rate.job;
  assert.equal(processing.name, "job processing");
  assert.ok(processing.count > 1000);
  assert.ok(Date.parse(processing.from) >= rate.measuredFromMs);
  const jobMs = Date.parse(processing.to) - Date.parse(processing.from);
  // Two intervals of 5 s begin in 12 s, or three; the last may end behind them.
  assert.ok(jobMs > 4_000 && jobMs < 17_000, `${jobMs} ms`);
  assert.ok(closing.count > 10);
});

test("load says so when no session came, and when it could not send", async () => {
  const [lone] = (
    await load([
      ...["--rate", "1k", "--duration", "2s", "--warm-up", "0"],
      ...["--out-of-orderness", "40h", "--active", "60"],
    ])
  ).rates;
  assert.match(lone.limits.join(), /no session of this load came in topic/);
  const [fast] = (
    await load(["--rate", "5M", "--duration", "200ms", "--warm-up", "0"])
  ).rates;
  assert.match(fast.limits.join(), /the load was the limit: [\d,]+ of 5,000,/);
  assert.match(fast.limits.join(), /the load was late itself/);
});

test("load says of what time the job's own rows are", async () => {
  const { stdout, stderr } = await runCommand([
    ...["load", "--brokers", brokers, ...TOPICS, "--rate", "1k"],
    ...["--duration", "2s", "--warm-up", "0", "--admin", ADMIN],
    ...["--drain", "100ms"],
  ]);
  assert.match(stdout, /\nThe job (counts in whole|has no rows: it)/, stderr);
});

async function load(args: readonly string[]) {
  const { exitCode, stdout, stderr } = await runCommand(
    ["load", "--brokers", brokers, ...TOPICS, "--json", ...args],
    { deadlineMs: 120_000 },
  );
  assert.equal(exitCode, 0, stderr);
  return JSON.parse(stdout);
}
