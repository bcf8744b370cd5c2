import module from "node:module";
import { setFlagsFromString } from "node:v8";
import type { Piscina } from "piscina";
import type { ShardOptions } from "../shard/shard_options.ts";
import { type ReadyMessage, warmUpTasks } from "../shard/warm_up_tasks.ts";
import {
  type LookAnswer,
  type LookMessage,
  type PostedReport,
  type ScanAnswer,
  type ScanMessage,
  type TaskMessage,
  transferables,
} from "../wire/messages.ts";
import { resultOf } from "../wire/world_failure.ts";
import type { ShardRunner } from "./dispatcher_parts.ts";
import { shardThread } from "./shard_thread.ts";

/** The version of Node whose V8 is known well enough to be tuned. */
const TUNED_VERSION = "24.";

/** The shards' threads: one each. */
export class ShardPool implements ShardRunner {
  readonly #pools: Piscina[];
  readonly #warmsUp: boolean;

  /**
   * Starts the threads of so many shards, which load their code. Where nobody
   * waits for the first visit but for the last one, they need not be warmed up.
   */
  constructor(size: number, { warmsUp = true } = {}) {
    this.#warmsUp = warmsUp;
    this.#pools = Array.from({ length: size }, shardThread);
  }

  get size(): number {
    return this.#pools.length;
  }

  /** Makes the shards: one of these options each. */
  async create(options: readonly ShardOptions[]): Promise<void> {
    await this.#runEverywhere("create", options);
  }

  /** Makes the shards; their code is warmed up then if it is to be. */
  async ready(options: readonly ShardOptions[]): Promise<void> {
    const loaded = this.#runEverywhere("loaded", []);
    const tasks = this.#warmsUp ? warmUpTasks() : [];
    await loaded;
    tuneForVisits();
    const messages = options.map((each) => ({ options: each, tasks }));
    await this.#runEverywhere("ready", messages);
  }

  /** Rejects with a `WorldError` when a chunk of the task is corrupt. */
  async run(shard: number, message: TaskMessage): Promise<PostedReport> {
    const transferList = transferables(message);
    return resultOf(await this.#pools[shard]!.run(message, { transferList }));
  }

  /** Scans a chunk in a thread; rejects with a `WorldError` when it is corrupt. */
  async scan(thread: number, message: ScanMessage): Promise<ScanAnswer> {
    return resultOf(await this.#pools[thread]!.run(message, { name: "scan" }));
  }

  /** Asks a shard about its sessions. */
  look(shard: number, message: LookMessage): Promise<LookAnswer> {
    return this.#pools[shard]!.run(message, { name: "look" });
  }

  /** Ends the threads. */
  async destroy(): Promise<void> {
    // An answer that is on its way is then one that nobody has asked for: to
    // Piscina an error, and one without a listener ends the process.
    for (const pool of this.#pools) pool.on("error", () => {});
    await Promise.all(this.#pools.map((pool) => pool.destroy()));
  }

  async #runEverywhere(
    name: string,
    messages: readonly (ShardOptions | ReadyMessage)[],
  ): Promise<void> {
    const runs = this.#pools.map((pool, i) => pool.run(messages[i], { name }));
    await Promise.all(runs);
  }
}

/**
 * What is hot is in WebAssembly. V8's middle tier compiles at 400 calls already,
 * in threads that take their time from the shards: that is for what is hot here
 * too. A small heap that may only grow by a little is collected several times in
 * the first seconds, each time with a pause that visits wait for. What is new does
 * not get old here: room for more of it, up to 100 MB, only takes memory.
 *
 * Not before the threads are there: compiled code that was kept, Node's own too,
 * is only good for the flags that it was made with.
 */
function tuneForVisits(): void {
  if (!process.versions.node.startsWith(TUNED_VERSION)) return;
  module.flushCompileCache?.();
  setFlagsFromString("--invocation-count-for-maglev=1500");
  setFlagsFromString("--heap-growing-percent=200");
  setFlagsFromString("--semi-space-growth-factor=1");
}
