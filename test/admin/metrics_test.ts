import assert from "node:assert/strict";
import { test } from "node:test";
import { LatencyHistogram } from "../../src/observe/latency.ts";
import type { RunState } from "../../src/observe/run_view.ts";
import { promtoolFaults } from "../support/prometheus.ts";
import { MadeView, madePartition, madeState, NOON_MS } from "./made_view.ts";
import { servedAdmin } from "./served_admin.ts";

const NOTHING = new LatencyHistogram().percentiles();

function durableState(): RunState {
  const made = madeState();
  return madeState({
    job: { ...made.job, guarantee: "exactly-once", commitIntervalMs: 100 },
    durability: {
      ...{ commits: 12, deltaBytes: 900, restores: 3, restoredSessions: 40 },
      ...{ recoveries: 1, logBytes: 5_000, liveBytes: 2_000 },
      latency: {
        ...{ commit: NOTHING, pause: NOTHING, restore: NOTHING },
        visibility: NOTHING,
      },
      lastCommitAtMs: NOON_MS - 250,
    },
  });
}

/** The value of a series, as the text has it; undefined for none. */
function seriesValue(text: string, series: string): string | undefined {
  const line = text.split("\n").find((each) => each.startsWith(`${series} `));
  return line?.slice(series.length + 1);
}

test("metrics: promtool has nothing against them, with and without values", async (t) => {
  const view = new MadeView();
  const { ask } = await servedAdmin(t, view);
  assert.equal(await promtoolFaults((await ask("/metrics")).text), "");
  const durable = new MadeView();
  durable.now = durableState();
  const latency = new LatencyHistogram();
  latency.record(7, 100);
  const counts = latency.reader().take();
  const names = ["queueing", "processing", "acknowledging", "closing"] as const;
  const more = ["visibility", "commit", "pause", "restore"] as const;
  durable.deltas = [...names, ...more].map((name) => ({ name, counts }));
  const full = await servedAdmin(t, durable);
  const { text, headers } = await full.ask("/metrics");
  assert.match(headers.get("content-type")!, /^text\/plain; version=0\.0\.4/);
  assert.equal(await promtoolFaults(text), "");
});

test("metrics: numbers in base units, with labels of partitions and shards alone", async (t) => {
  const view = new MadeView();
  view.now = {
    ...durableState(),
    partitions: [madePartition(0, { lag: 12 }), madePartition(3)],
  };
  const { ask } = await servedAdmin(t, view);
  const { text } = await ask("/metrics");
  const place = 'topic="visits",partition="0"';
  const expected: Record<string, string> = {
    sessionmill_visits_total: "1000",
    'sessionmill_rejected_records_total{reason="not_json"}': "2",
    'sessionmill_closed_sessions_total{reason="late-update"}': "1",
    sessionmill_watermark_lag_seconds: "1200.001",
    [`sessionmill_partition_lag{${place}}`]: "12",
    [`sessionmill_partition_holds_watermark{${place}}`]: "1",
    [`kafka_consumergroup_lag{consumergroup="visits_reader",${place}}`]: "12",
    'sessionmill_shard_cpu_seconds_total{shard="0"}': "0.12",
    sessionmill_checkpoint_age_seconds: "0.25",
    sessionmill_checkpoint_log_written_bytes_total: "900",
    'sessionmill_event_loop_delay_seconds{stat="p99"}': "0.003",
    sessionmill_event_loop_delay_max_seconds: "0.008",
    process_cpu_seconds_total: "0.9",
  };
  for (const [series, value] of Object.entries(expected)) {
    assert.equal(seriesValue(text, series), value, series);
  }
  assert.doesNotMatch(text, /visit_id|session_id/);
});

test("metrics: what has no value now is left out, and comes and goes", async (t) => {
  const view = new MadeView();
  const { progress } = view.now;
  view.now = madeState({
    progress: { ...progress, watermarkMs: -Infinity },
    partitions: [madePartition(0, { lag: null, position: null })],
  });
  const { ask } = await servedAdmin(t, view);
  const before = (await ask("/metrics")).text;
  for (const series of [
    "sessionmill_watermark_seconds",
    "sessionmill_watermark_lag_seconds",
    "sessionmill_checkpoint_age_seconds",
    "sessionmill_checkpoint_commits_total",
    'sessionmill_partition_lag{topic="visits",partition="0"}',
  ]) {
    assert.equal(seriesValue(before, series), undefined, series);
  }
  view.now = madeState({ partitions: [madePartition(1)] });
  await new Promise((resolve) => setTimeout(resolve, 1_100));
  const after = (await ask("/metrics")).text;
  assert.notEqual(
    seriesValue(after, "sessionmill_watermark_seconds"),
    undefined,
  );
  assert.doesNotMatch(after, /partition="0"/, "a partition that is gone");
});

test("metrics: latencies fill buckets that an SLO can be read from", async (t) => {
  const view = new MadeView();
  const latency = new LatencyHistogram();
  for (const ms of [0.4, 4, 4.9, 9, 19, 21, 49, 99, 400_000]) {
    latency.record(ms);
  }
  view.deltas = [{ name: "closing", counts: latency.reader().take() }];
  const { ask } = await servedAdmin(t, view);
  const { text } = await ask("/metrics");
  const within = (le: string) =>
    seriesValue(text, `sessionmill_closing_seconds_bucket{le="${le}"}`);
  const les = ["0.0005", "0.005", "0.01", "0.02", "0.05", "0.1", "300", "+Inf"];
  assert.deepEqual(les.map(within), ["1", "3", "4", "5", "7", "8", "8", "9"]);
  assert.equal(seriesValue(text, "sessionmill_closing_seconds_count"), "9");
  const sum = Number(seriesValue(text, "sessionmill_closing_seconds_sum"));
  assert.ok(Math.abs(sum - 400.2063) < 0.5, String(sum));
});

test("metrics: the start of the process stays what it is", async (t) => {
  const view = new MadeView();
  const { ask } = await servedAdmin(t, view);
  const name = "process_start_time_seconds";
  const first = seriesValue((await ask("/metrics")).text, name);
  // Its sample is of another moment than the scrape.
  view.now = { ...view.now, nowMs: view.now.nowMs + 700 };
  assert.equal(seriesValue((await ask("/metrics")).text, name), first);
  const beganAtMs = Date.now() - process.uptime() * 1000;
  assert.ok(Math.abs(Number(first) * 1000 - beganAtMs) < 1000, first);
});
