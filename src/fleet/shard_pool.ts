import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { Piscina } from "piscina";
import type { ShardOptions } from "../shard/shard_options.ts";
import {
  type PostedReport,
  type TaskMessage,
  transferables,
} from "../wire/messages.ts";
import type { ShardRunner } from "./dispatcher.ts";

/** The worker beside this file: `.ts` in the checkout, `.js` in the build. */
const WORKER_URL = new URL(
  `../../workers/shard_worker${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`,
  import.meta.url,
);

/**
 * The shards' threads. Piscina has no sticky routing, and its queue is first
 * in, first out only when asked: so one pool of exactly one thread a shard,
 * strict FIFO, and a thread that is never retired. A thread that dies is
 * replaced by an empty one, so any failed task is the end of the job.
 */
export class ShardPool implements ShardRunner {
  readonly #pools: Piscina[];

  constructor(options: readonly ShardOptions[]) {
    // The threads to come have `gc` by it: see workers/shard_worker.ts.
    setFlagsFromString("--expose-gc");
    this.#pools = options.map(
      (workerData) =>
        new Piscina({
          filename: fileURLToPath(WORKER_URL),
          minThreads: 1,
          maxThreads: 1,
          stricterFIFO: true,
          idleTimeout: Infinity,
          // The next task lies ready when a thread is done with one.
          concurrentTasksPerWorker: 2,
          recordTiming: false,
          workerData,
        }),
    );
  }

  get size(): number {
    return this.#pools.length;
  }

  /** Resolves when all threads have loaded their code and warmed it up. */
  async ready(): Promise<void> {
    await Promise.all(
      this.#pools.map((pool) => pool.run(undefined, { name: "ready" })),
    );
  }

  run(shard: number, message: TaskMessage): Promise<PostedReport> {
    const transferList = transferables(message);
    return this.#pools[shard]!.run(message, { transferList });
  }

  /** Ends the threads. */
  async destroy(): Promise<void> {
    await Promise.all(this.#pools.map((pool) => pool.destroy()));
  }
}
