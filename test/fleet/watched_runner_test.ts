import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { RecoverableError } from "../../src/errors.ts";
import type { ShardRunner } from "../../src/fleet/dispatcher_parts.ts";
import { watched } from "../../src/fleet/watched_runner.ts";
import type {
  LookAnswer,
  LookMessage,
  PostedReport,
  ScanAnswer,
  ScanMessage,
} from "../../src/wire/messages.ts";
import { plainTask } from "../support/plain_task.ts";

const TIMEOUT_MS = 200;
const TASK = plainTask({ sequence: 1 });
const LOOK: LookMessage = { kind: "find", keys: ["a"] };
const REPORT = { threadCpuMs: 1 } as PostedReport;

/** Two threads that answer when they are told to. */
function heldRunner() {
  const answers: ((report: PostedReport) => void)[] = [];
  const runner: ShardRunner = {
    size: 2,
    run: () => new Promise((resolve) => answers.push(resolve)),
    scan: () => new Promise<ScanAnswer>(() => {}),
    look: () => new Promise<LookAnswer>(() => {}),
  };
  return { runner, answers };
}

test("a shard that does not answer in time is lost, by its name", async () => {
  const { runner, answers } = heldRunner();
  const shards = watched(runner, TIMEOUT_MS);
  assert.equal(shards.size, 2);
  const begunMs = performance.now();
  const lost = [
    shards.run(1, TASK),
    shards.run(1, TASK),
    shards.scan(1, {} as ScanMessage),
    shards.look(1, LOOK),
  ];
  const other = shards.run(0, TASK);
  answers[2]!(REPORT);
  for (const each of lost) {
    await assert.rejects(each, (error) => {
      assert.ok(error instanceof RecoverableError);
      assert.match(error.message, /shard 1: it has not answered .* 0\.2 s/);
      return true;
    });
  }
  assert.ok(performance.now() - begunMs >= TIMEOUT_MS);
  assert.equal(await other, REPORT);
});

test("a shard that answers now and then has all the time it needs", async () => {
  const { runner, answers } = heldRunner();
  const shards = watched(runner, TIMEOUT_MS);
  const tasks = Array.from({ length: 6 }, () => shards.run(0, TASK));
  for (const answer of answers) {
    await sleep(TIMEOUT_MS / 2);
    answer(REPORT);
  }
  for (const task of tasks) assert.equal(await task, REPORT);
  // Idle time is not waited for.
  await sleep(2 * TIMEOUT_MS);
  const late = shards.run(0, TASK);
  await sleep(TIMEOUT_MS / 2);
  answers.at(-1)!(REPORT);
  assert.equal(await late, REPORT);
});

test("a process that was stopped for a while does not lose its shards", async () => {
  const { runner, answers } = heldRunner();
  const shards = watched(runner, TIMEOUT_MS);
  const task = shards.run(0, TASK);
  setTimeout(() => {
    // Nothing runs for as long as two time limits.
    const endMs = performance.now() + 2 * TIMEOUT_MS;
    while (performance.now() < endMs);
    setTimeout(() => answers[0]!(REPORT), 5);
  }, 5);
  assert.equal(await task, REPORT);
});

test("a task that fails says why, be it watched or not", async () => {
  const runner: ShardRunner = {
    size: 1,
    run: () => Promise.reject(new Error("the thread is gone")),
    scan: () => Promise.reject(new Error("no scan")),
    look: () => Promise.reject(new Error("no look")),
  };
  for (const timeoutMs of [TIMEOUT_MS, undefined]) {
    const shards = watched(runner, timeoutMs);
    await assert.rejects(shards.run(0, TASK), /the thread is gone/);
    await assert.rejects(shards.scan(0, {} as ScanMessage), /no scan/);
    await assert.rejects(shards.look(0, LOOK), /no look/);
  }
});
