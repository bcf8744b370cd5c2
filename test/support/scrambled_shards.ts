import { setImmediate as nextTurn } from "node:timers/promises";
import type { ShardRunner } from "../../src/fleet/dispatcher.ts";
import { createShard } from "../../src/shard/create_shard.ts";
import type { SessionShard } from "../../src/shard/session_shard.ts";
import type { ShardOptions } from "../../src/shard/shard_options.ts";
import type { PostedReport, TaskMessage } from "../../src/wire/messages.ts";

/**
 * Real shards in this thread, each first in, first out, but slow and quick by
 * turns as a seed says: interleavings that threads show once in a while.
 */
export class ScrambledShards implements ShardRunner {
  readonly #shards: SessionShard[];
  readonly #last: Promise<unknown>[] = [];
  #random: number;

  constructor(options: readonly ShardOptions[], seed: number) {
    this.#random = seed | 1;
    this.#shards = options.map(createShard);
  }

  get size(): number {
    return this.#shards.length;
  }

  run(shard: number, message: TaskMessage): Promise<PostedReport> {
    const before = this.#last[shard] ?? Promise.resolve();
    const report = before.then(async () => {
      for (let turns = this.#next() % 4; turns > 0; turns--) await nextTurn();
      return { ...this.#shards[shard]!.handle(message), threadCpuMs: 0 };
    });
    this.#last[shard] = report;
    return report;
  }

  #next(): number {
    this.#random = (Math.imul(this.#random, 1664525) + 1013904223) | 0;
    return this.#random >>> 16;
  }
}
