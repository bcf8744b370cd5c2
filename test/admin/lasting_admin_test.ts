import assert from "node:assert/strict";
import { createServer } from "node:net";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { LastingAdmin } from "../../src/admin/lasting_admin.ts";
import { runConfigOf } from "../../src/config/run_config.ts";
import type { Progress } from "../../src/observe/run_summary.ts";
import type { OpenSession, RunState } from "../../src/observe/run_view.ts";
import { runPipeline } from "../../src/pipeline/run_pipeline.ts";
import { runValues } from "../config/support.ts";
import { SILENT_LOG } from "../pipeline/fake_parts.ts";
import { ThreadHand } from "../support/thread_hand.ts";
import { waitUntil } from "../support/wait_until.ts";

const OPTIONS = {
  ...{ host: "127.0.0.1", port: 0, mayMove: false, token: null },
  origins: [],
  version: "1.2.3",
};
const RATE = 5_000;

/** What the server says of open sessions. */
interface Answer {
  readonly sessions: readonly OpenSession[];
}

/** A run on generated visits with an admin server, which is done something to. */
async function withRun(
  work: (world: {
    readonly server: LastingAdmin;
    readonly url: string;
    readonly told: readonly string[];
    readonly warnings: readonly string[];
    readonly hand: ThreadHand;
    /** Visits a second within so many ms from now on. */
    visitsPerSecond(ms: number): Promise<number>;
  }) => Promise<void>,
): Promise<void> {
  const config = await runConfigOf(
    runValues({ from: "generator", to: "null", rate: `${RATE}/s` }),
  );
  const stop = new AbortController();
  const hand = new ThreadHand("admin_server");
  const warnings: string[] = [];
  const told: string[] = [];
  const log = {
    info: (text: string) => void told.push(text),
    warn: (text: string) => void warnings.push(text),
  };
  let server: LastingAdmin | null = null;
  let progress: Progress | null = null;
  const running = runPipeline(config, {
    signal: stop.signal,
    log: SILENT_LOG,
    onView(view) {
      server = new LastingAdmin(view, OPTIONS, log);
    },
    onProgress(state) {
      progress = state;
    },
  });
  try {
    await waitUntil(() => progress !== null && progress.visitsIn > 0);
    await server!.started;
    const url = told[0]!.replace("admin server at ", "");
    await work({
      ...{ server: server!, url, told, warnings, hand },
      async visitsPerSecond(ms) {
        const [atMs, before] = [performance.now(), progress!.visitsIn];
        await sleep(ms);
        const seconds = (performance.now() - atMs) / 1000;
        return (progress!.visitsIn - before) / seconds;
      },
    });
  } finally {
    hand.letGo();
    stop.abort();
    await server!.stop();
    await running;
  }
}

test("LastingAdmin serves a real run, until it is stopped", async () => {
  await withRun(async ({ server, url, warnings }) => {
    assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
    await waitUntil(async () => (await fetch(`${url}/readyz`)).ok);
    const get = async (path: string) => (await fetch(url + path)).json();
    const state = (await get("/state")) as RunState;
    assert.equal(state.job.from, "generator");
    const list = (await get("/sessions?limit=1")) as Answer;
    const { visitId } = list.sessions[0]!;
    const found = (await get(`/sessions/${visitId}`)) as Answer;
    assert.equal(found.sessions[0]!.visitId, visitId);
    await server.stop();
    await assert.rejects(fetch(`${url}/healthz`));
    assert.deepEqual(warnings, []);
  });
});

test("LastingAdmin that hangs holds nothing up, and can be stopped", async () => {
  await withRun(async ({ server, url, warnings, hand, visitsPerSecond }) => {
    await hand.run("for (;;);");
    const time = AbortSignal.timeout(500);
    await assert.rejects(fetch(`${url}/healthz`, { signal: time }));
    const visits = await visitsPerSecond(2_000);
    assert.ok(visits > RATE / 2, `${visits} visits/s`);
    const startMs = performance.now();
    await server.stop();
    assert.ok(performance.now() - startMs < 5_000);
    assert.deepEqual(warnings, []);
  });
});

const DEATHS = {
  "throws at any time": [
    'setTimeout(() => { throw new Error("out of the blue") })',
    "out of the blue",
  ],
  exits: ["setTimeout(() => process.exit(3))", "its thread has ended"],
  "needs too much memory": [
    "setTimeout(() => { const all = []; for (;;) all.push(Array(1e5).fill(all.length)); })",
    "Worker terminated due to reaching memory limit: JS heap out of memory",
  ],
};

for (const [how, [code, why]] of Object.entries(DEATHS)) {
  test(`LastingAdmin that ${how} ends alone, and begins anew where it was`, async () => {
    await withRun(async ({ url, told, warnings, hand, visitsPerSecond }) => {
      await hand.run(code!);
      await waitUntil(() => warnings.length > 0);
      assert.deepEqual(warnings, [
        `the admin server is gone, the run goes on without it and starts it anew in 1 s: ${why}`,
      ]);
      const visits = await visitsPerSecond(500);
      assert.ok(visits > RATE / 2, `${visits} visits/s`);
      await waitUntil(() => told.length === 2);
      assert.equal(told[1], told[0]);
      assert.equal((await fetch(`${url}/state`)).status, 200);
      assert.equal(warnings.length, 1);
    });
  });
}

test("LastingAdmin waits longer each time, also for a port that is taken meanwhile", async () => {
  await withRun(async ({ url, told, warnings, hand }) => {
    await hand.run("setTimeout(() => process.exit(3))");
    await waitUntil(() => warnings.length === 1);
    const other = createServer();
    other.listen(Number(new URL(url).port), "127.0.0.1");
    await waitUntil(() => warnings.length === 2);
    assert.match(warnings[1]!, /starts it anew in 2 s: .*the port is taken/);
    other.close();
    await waitUntil(() => told.length === 2);
    assert.equal(told[1], told[0]);
  });
});

test("LastingAdmin that is stopped while it waits stays away", async () => {
  await withRun(async ({ server, told, warnings, hand }) => {
    await hand.run("setTimeout(() => process.exit(3))");
    await waitUntil(() => warnings.length === 1);
    await server.stop();
    await sleep(1_500);
    assert.equal(told.length, 1);
  });
});
