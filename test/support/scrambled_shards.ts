import { setImmediate as nextTurn } from "node:timers/promises";
import type { ShardRunner } from "../../src/fleet/dispatcher_parts.ts";
import type { createShard } from "../../src/shard/create_shard.ts";
import type { ShardOptions } from "../../src/shard/shard_options.ts";
import type {
  LookAnswer,
  LookMessage,
  PostedReport,
  ScanAnswer,
  ScanMessage,
  TaskMessage,
} from "../../src/wire/messages.ts";
import { LocalThread } from "./local_threads.ts";

/**
 * Real shards in this thread, each first in, first out, but slow and quick by
 * turns as a seed says: interleavings that threads show once in a while.
 */
export class ScrambledShards implements ShardRunner {
  readonly #threads: LocalThread[];
  readonly #last: Promise<unknown>[] = [];
  #random: number;

  constructor(
    options: readonly ShardOptions[],
    seed: number,
    { create }: { readonly create?: typeof createShard } = {},
  ) {
    this.#random = seed | 1;
    this.#threads = options.map((each) => new LocalThread(each, create));
  }

  get size(): number {
    return this.#threads.length;
  }

  run(shard: number, message: TaskMessage): Promise<PostedReport> {
    return this.#inTurn(shard, () => this.#threads[shard]!.run(message));
  }

  scan(thread: number, message: ScanMessage): Promise<ScanAnswer> {
    return this.#inTurn(thread, () => this.#threads[thread]!.scan(message));
  }

  look(shard: number, message: LookMessage): Promise<LookAnswer> {
    return this.#inTurn(shard, () => this.#threads[shard]!.look(message));
  }

  #inTurn<T>(thread: number, work: () => T): Promise<T> {
    const before = this.#last[thread] ?? Promise.resolve();
    const done = before.then(async () => {
      for (let turns = this.#next() % 4; turns > 0; turns--) await nextTurn();
      return work();
    });
    this.#last[thread] = done;
    return done;
  }

  #next(): number {
    this.#random = (Math.imul(this.#random, 1664525) + 1013904223) | 0;
    return this.#random >>> 16;
  }
}
