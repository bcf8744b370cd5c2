import assert from "node:assert/strict";
import { test } from "node:test";
import { runConfigOf } from "../../src/config/run_config.ts";
import { LatencyHistogram } from "../../src/observe/latency.ts";
import type { RunState, RunView } from "../../src/observe/run_view.ts";
import { runPipeline } from "../../src/pipeline/run_pipeline.ts";
import { runValues } from "../config/support.ts";
import { waitUntil } from "../support/wait_until.ts";
import { SILENT_LOG } from "./fake_parts.ts";

test("LiveView shows a run from its start to its end, and nothing is lost between looks", async (t) => {
  const config = await runConfigOf(
    runValues({
      ...{ from: "generator", to: "null", rate: "20000/s", workers: "2" },
      "unprocessable-percent": "5",
    }),
  );
  const stop = new AbortController();
  t.after(() => stop.abort());
  let view: RunView | null = null;
  let first: Promise<RunState> | null = null;
  const running = runPipeline(config, {
    signal: stop.signal,
    log: SILENT_LOG,
    onView(given) {
      assert.equal(view, null);
      view = given;
      first = given.state();
    },
  });
  const run = view!;
  assert.equal((await first!).phase, "starting");
  assert.equal((await first!).isReady, false);
  const processing = new LatencyHistogram();
  const states: RunState[] = [];
  const look = async () => {
    states.push(await run.state());
    for (const { name, counts } of await run.latencies()) {
      if (name === "processing") processing.add(counts);
    }
  };
  await waitUntil(async () => {
    await look();
    // What is read and what is applied are not the same where threads are slow.
    return states.at(-1)!.shards.every(({ visits }) => visits > 8_000);
  });
  const state = states.at(-1)!;
  assert.equal(state.phase, "running");
  assert.equal(state.isReady, true);
  assert.equal(state.job.from, "generator");
  assert.equal(state.job.group, null);
  assert.equal(state.job.guarantee, "none");
  assert.equal(state.durability, null);
  assert.match(state.job.version, /^\d+\.\d+\.\d+/);
  const [partition] = state.partitions;
  assert.equal(state.partitions.length, 1);
  assert.equal(partition!.holdsWatermark, true);
  assert.equal(partition!.state, "active");
  assert.equal(partition!.watermarkMs, partition!.clockMs! - 1_200_001);
  assert.equal(state.shards.length, 2);
  for (const shard of state.shards) {
    assert.ok(shard.openSessions > 0 && shard.bytesHeld > 0);
    assert.ok(shard.visits > 8_000 && shard.cpuMs > 0);
  }
  assert.ok(state.process.mainCpuMs < state.process.cpuMs);
  assert.ok(state.process.eventLoopDelayMs.max < 5_000);
  stop.abort();
  assert.equal((await run.state()).phase, "stopping");
  const summary = await running;
  await look();
  const last = states.at(-1)!;
  assert.equal(last.phase, "stopping");
  assert.equal(last.isReady, false);
  assert.equal(processing.count, summary.visitsIn);
  const applied = last.shards.reduce((sum, { visits }) => sum + visits, 0);
  assert.equal(applied, summary.visitsIn);
  assert.deepEqual(last.rejectedByReason, summary.rejectedByReason);
  assert.ok(summary.rejected > 0);
});

test("LiveView looks at the event loop: what holds it up is seen", async () => {
  const config = await runConfigOf(
    runValues({ from: "generator", to: "null", rate: "100/s" }),
  );
  const stop = new AbortController();
  let view: RunView | null = null;
  const running = runPipeline(config, {
    signal: stop.signal,
    log: SILENT_LOG,
    onView(given) {
      view = given;
    },
  });
  const run = view!;
  try {
    await waitUntil(async () => (await run.state()).isReady);
    const untilMs = performance.now() + 300;
    while (performance.now() < untilMs);
    const { eventLoopDelayMs } = (await run.state()).process;
    assert.ok(eventLoopDelayMs.max > 250, `${eventLoopDelayMs.max}`);
    // Each look begins anew.
    const { max } = (await run.state()).process.eventLoopDelayMs;
    assert.ok(max < 250, `${max}`);
  } finally {
    stop.abort();
    await running;
  }
});
