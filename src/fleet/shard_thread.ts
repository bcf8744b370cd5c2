import { once } from "node:events";
import { join } from "node:path";
import { Piscina } from "piscina";
import { printToStderr } from "./thread_output.ts";

/** The worker beside this file: `.ts` in the checkout, `.js` in the build. */
const WORKER_PATH = join(
  import.meta.dirname,
  `../../workers/shard_worker${import.meta.filename.endsWith(".ts") ? ".ts" : ".js"}`,
);

/** A thread that was started before it was known for which shard. */
let early: Piscina | null = null;

/**
 * Starts the thread that `shardThread` hands out next: it loads its code while
 * main still loads its own. Whoever ends the process may wait for what is
 * returned: Node was once seen to abort where it exits while a thread begins.
 */
export async function startEarlyThread(): Promise<void> {
  early ??= startThread();
  const begun = early.threads.map((thread) =>
    Promise.race([once(thread, "online"), once(thread, "exit")]),
  );
  await Promise.all(begun);
}

/**
 * A thread for one shard, which loads its code. Piscina has no sticky routing, and
 * its queue is first in, first out only when asked: so a pool of exactly one
 * thread, strict FIFO, which is never retired. A thread that dies is replaced by
 * an empty one, so any failed task is the end of the job.
 */
export function shardThread(): Piscina {
  const thread = early ?? startThread();
  early = null;
  return thread;
}

function startThread(): Piscina {
  const pool = new Piscina({
    filename: WORKER_PATH,
    minThreads: 1,
    maxThreads: 1,
    stricterFIFO: true,
    idleTimeout: Infinity,
    // The next task lies ready when a thread is done with one.
    concurrentTasksPerWorker: 2,
    recordTiming: false,
  });
  pool.threads.forEach(printToStderr);
  return pool;
}
