import process from "node:process";
import { isMainThread } from "node:worker_threads";

/** Tasks that go well before. */
const GOOD_TASKS = 20;

/**
 * Does something in the midst of a task of each shard's thread: where the task
 * asks for its CPU time, as every one does.
 */
export function inLaterTask(act: () => void): void {
  if (isMainThread) return;
  const { threadCpuUsage } = process;
  let tasks = 0;
  process.threadCpuUsage = (previous) => {
    if (++tasks > GOOD_TASKS) act();
    return threadCpuUsage(previous);
  };
}
