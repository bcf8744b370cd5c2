import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { after, before, type TestContext, test } from "node:test";
import {
  Prometheus,
  promtoolFaults,
  type QueryValue,
} from "../support/prometheus.ts";
import { testKafka } from "../support/test_kafka.ts";
import { waitUntil } from "../support/wait_until.ts";
import { Command } from "./command.ts";
import { testClient } from "./produce.ts";

const TOKEN = "token-of-the-prometheus-test";
const PARTITIONS = 3;
const PATIENCE = { timeoutMs: 60_000 };

const { brokers, newTopic } = await testKafka();
const producer = testClient(brokers).producer();
before(() => producer.connect());
after(() => producer.disconnect());

/** The queries of the README, in the order in which they stand there. */
function readmeQueries(): string[] {
  const readme = readFileSync("README.md", "utf8");
  const [, block] = /```promql\n([^`]*)```/.exec(readme) ?? [];
  assert.ok(block, "README has no queries");
  return block.trim().split("\n");
}

/** Sends a visit a partition each 50 ms, of sessions that end soon. */
class Feed {
  readonly #topic: string;
  readonly #timer: NodeJS.Timeout;
  /** Partitions that get visits. */
  partitions: readonly number[] = [...Array(PARTITIONS).keys()];
  sent = 0;

  constructor(topic: string) {
    this.#topic = topic;
    this.#timer = setInterval(() => void this.#send(), 50);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #send(): Promise<void> {
    const visit = ++this.sent;
    const event_time = new Date().toISOString();
    const messages = this.partitions.map((partition) => {
      const visit_id = `v${partition}-${Math.floor(visit / 10)}`;
      const value = JSON.stringify({ visit_id, event_time, page: "home" });
      return { partition, key: visit_id, value };
    });
    messages.push({ partition: 0, key: "x", value: "no visit" });
    await producer.send({ topic: this.#topic, messages });
  }
}

/** A run whose watermark stands still when one partition is silent. */
async function startRun(t: TestContext) {
  const topic = await newTopic("visits", { partitions: PARTITIONS });
  const sessions = await newTopic("sessions", { partitions: 1 });
  const group = `group-${randomUUID()}`;
  const run = new Command(
    [
      ...["run", "--brokers", brokers, "--from", `kafka:${topic}`],
      ...["--to", `kafka:${sessions}`, "--group", group],
      ...["--gap", "1s", "--out-of-orderness", "0s", "--idle-timeout", "0"],
      ...["--allowed-lateness", "1s", "--admin", "127.0.0.1:0"],
    ],
    { environment: { SESSIONMILL_ADMIN_TOKEN: TOKEN } },
  );
  t.after(() => run.kill("SIGKILL"));
  const line = /admin server at http:\/\/(\S+)\n/;
  await run.until(() => line.test(run.stderr));
  return { run, topic, group, target: line.exec(run.stderr)![1]! };
}

test("a real Prometheus scrapes a run and answers the README's queries", async (t) => {
  const { run, topic, group, target } = await startRun(t);
  const prometheus = await Prometheus.start(target, TOKEN);
  t.after(() => prometheus.stop());
  const feed = new Feed(topic);
  t.after(() => feed.stop());
  const [lag, throughput, closingP99, withinSlo, holder, ...rest] =
    readmeQueries();
  assert.deepEqual(rest, []);
  const until = async (
    promql: string | undefined,
    holds: (values: readonly QueryValue[]) => boolean,
  ) => {
    let last: readonly QueryValue[] = [];
    await waitUntil(async () => {
      last = await prometheus.query(promql!);
      return holds(last);
    }, PATIENCE).catch(() =>
      assert.fail(`${promql} says ${JSON.stringify(last)}`),
    );
    return last;
  };

  const [groupLag] = await until(lag, (values) => values.length > 0);
  assert.deepEqual(groupLag!.labels, { consumergroup: group, topic });
  // 80 records a second, of a minute that has only just begun.
  await until(throughput, ([rate]) => rate !== undefined && rate.value > 5);
  const [p99] = await until(closingP99, ([p99]) => (p99?.value ?? NaN) > 0);
  assert.ok(p99!.value < 5, `${p99!.value} s`);
  const [share] = await until(withinSlo, ([share]) => share !== undefined);
  assert.ok(share!.value >= 0 && share!.value <= 1, `${share!.value}`);
  feed.partitions = [0, 1];
  await until(
    `${holder} and on (partition) sessionmill_partition_silent_seconds > 5`,
    ([hold]) => hold?.labels.partition === "2",
  );
  await until("sessionmill_watermark_lag_seconds", ([lag]) => lag!.value > 5);
  await until(
    'sessionmill_rejected_records_total{reason="not_json"}',
    ([rejected]) => rejected!.value > 0,
  );

  const headers = { authorization: `Bearer ${TOKEN}` };
  const metrics = await fetch(`http://${target}/metrics`, { headers });
  assert.equal(await promtoolFaults(await metrics.text()), "");
  run.kill("SIGINT");
  const { exitCode, stderr } = await run.ended();
  assert.equal(exitCode, 0, stderr);
  assert.doesNotMatch(stderr, new RegExp(TOKEN));
});
