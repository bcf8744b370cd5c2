import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { runConfigOf } from "../../src/config/run_config.ts";
import type { RunState, RunView } from "../../src/observe/run_view.ts";
import { runPipeline } from "../../src/pipeline/run_pipeline.ts";
import { runValues } from "../config/support.ts";
import { produce, visitJson } from "../e2e/produce.ts";
import { testKafka } from "../support/test_kafka.ts";
import { ThreadHand } from "../support/thread_hand.ts";
import { waitUntil } from "../support/wait_until.ts";
import { SILENT_LOG } from "./fake_parts.ts";

const { brokers, newTopic } = await testKafka();
const PARTITIONS = 2;

/** A run that is looked at in each turn of the event loop. */
class WatchedRun {
  /** Each phase once, in order, with whether it was ready in it. */
  readonly phases: string[] = [];
  view: RunView | null = null;
  readonly #stop = new AbortController();
  readonly #running: Promise<unknown>;
  #isOver = false;

  constructor(config: Parameters<typeof runPipeline>[0]) {
    this.#running = runPipeline(config, {
      signal: this.#stop.signal,
      log: SILENT_LOG,
      onView: (view) => {
        this.view = view;
      },
    });
    void this.#watch();
  }

  /** Resolves to the first state of which this is so. */
  async until(condition: (state: RunState) => boolean): Promise<RunState> {
    let state: RunState | null = null;
    await waitUntil(async () => {
      state = await this.view!.state();
      return condition(state);
    });
    return state!;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    this.#isOver = true;
  }

  async #watch(): Promise<void> {
    while (!this.#isOver) {
      const { phase, isReady } = await this.view!.state();
      const text = isReady ? `${phase}, ready` : phase;
      if (this.phases.at(-1) !== text) this.phases.push(text);
      await nextTurn();
    }
  }
}

test("LiveView shows restores, commits and lives of a run with a guarantee", async (t) => {
  const visits = await newTopic("visits", { partitions: PARTITIONS });
  const sessions = await newTopic("sessions", { partitions: PARTITIONS });
  const config = await runConfigOf(
    runValues({
      ...{ brokers, from: `kafka:${visits}`, to: `kafka:${sessions}` },
      ...{ group: `group-of-${visits}`, instance: "one", workers: "1" },
      ...{ "commit-interval": "100ms", "idle-timeout": "0" },
    }),
  );
  const visit = async (minute: number) => {
    const messages = Array.from({ length: PARTITIONS }, (_, partition) => ({
      partition,
      value: visitJson(`v${partition}`, { minute }),
    }));
    await produce(brokers, { topic: visits, messages });
  };
  await visit(0);
  const first = new WatchedRun(config);
  t.after(() => first.stop());
  await first.until(({ progress }) => progress.openSessions === PARTITIONS);
  const committed = await first.until(
    ({ durability }) => durability!.lastCommitAtMs !== null,
  );
  assert.equal(committed.job.guarantee, "exactly-once");
  assert.ok(committed.nowMs - committed.durability!.lastCommitAtMs! < 20_000);
  // Long behind the end of the sessions: those of the visits before close.
  await visit(60);
  await first.until(({ progress }) => progress.sessions === PARTITIONS);
  const latencies = await first.view!.latencies();
  const countOf = (name: string) => {
    const { counts } = latencies.find((each) => each.name === name)!;
    return counts.filter((_, i) => i % 2 === 1).reduce((a, b) => a + b, 0);
  };
  assert.equal(countOf("closing"), PARTITIONS);
  assert.equal(countOf("visibility"), PARTITIONS);
  await first.stop();
  const whole = ["starting", "restoring", "running, ready", "stopping"];
  assert.deepEqual(first.phases, whole);

  const hand = new ThreadHand("piscina");
  const second = new WatchedRun(config);
  t.after(() => second.stop());
  const running = await second.until(({ isReady }) => isReady);
  assert.equal(running.progress.openSessions, PARTITIONS);
  await assertFound(second.view!, "v0");
  // Where the topic ends is known with the first answer of its broker.
  const isRead = ({ partitions }: RunState) =>
    partitions.every(({ position, lag }) => position === 2 && lag === 0);
  await second.until(isRead);
  // A shard that is gone is a life that is over.
  await hand.run("process.exit(1)");
  hand.letGo();
  await visit(61);
  const again = await second.until(
    ({ isReady, durability }) => isReady && durability!.recoveries === 1,
  );
  assert.equal(again.progress.openSessions, PARTITIONS);
  await second.until(({ progress }) => progress.visitsIn >= PARTITIONS);
  await assertFound(second.view!, "v1");
  await second.stop();
  assert.deepEqual(second.phases, [
    ...["starting", "restoring", "running, ready"],
    ...["recovering", "restoring", "running, ready", "stopping"],
  ]);
});

async function assertFound(view: RunView, visitId: string): Promise<void> {
  const found = await view.session(visitId);
  assert.deepEqual(
    found.map((each) => each.visitId),
    [visitId],
  );
}
