import { setImmediate as nextTurn } from "node:timers/promises";
import { WALL_CLOCK } from "../../src/clock.ts";
import type { PassedBarrier } from "../../src/fleet/barriers.ts";
import { Dispatcher } from "../../src/fleet/dispatcher.ts";
import type { ShardRunner } from "../../src/fleet/dispatcher_parts.ts";
import type { ShardReport } from "../../src/fleet/shard_report.ts";
import { shardOptions as optionsOf } from "../../src/shard/shard_options.ts";
import { ACTIVE } from "../../src/watermark/partition_state.ts";
import type { WatermarkMode } from "../../src/watermark/shared_time.ts";
import { listChunk } from "./list_chunk.ts";
import { LocalThread } from "./local_threads.ts";
import { type NotingStore, notingShard } from "./noting_store.ts";
import { shardOptions } from "./shard_options.ts";

export const OUTPUT_LIMIT_BYTES = 64 * 1024;

/** What a test decides about a fleet. */
export interface BarrierFleetOptions {
  readonly shardCount: number;
  readonly watermarks?: WatermarkMode;
  /** Called before each task of a shard; it waits for it. */
  readonly before?: (shard: number) => Promise<void>;
  readonly onReport?: (report: ShardReport) => Promise<void>;
}

/** Real shards with noting stores in this thread, and their dispatcher. */
export class BarrierFleet {
  readonly dispatcher: Dispatcher;
  readonly stores: NotingStore[] = [];
  readonly reports: ShardReport[] = [];
  readonly passed: { commit: number; passed: PassedBarrier }[] = [];
  readonly failures: unknown[] = [];
  #offset = 0;

  constructor(options: BarrierFleetOptions) {
    const { shardCount, watermarks = "merged", before } = options;
    const limit = { workers: shardCount, outputLimitBytes: OUTPUT_LIMIT_BYTES };
    const threads = optionsOf(limit, shardOptions()).map(
      (each) =>
        new LocalThread(each, (own) => {
          const { shard, store } = notingShard(own);
          this.stores.push(store);
          return shard;
        }),
    );
    const last: Promise<unknown>[] = threads.map(() => Promise.resolve());
    const inTurn = <T>(shard: number, work: () => T): Promise<T> => {
      const done = last[shard]!.then(() => before?.(shard)).then(work);
      last[shard] = done.catch(() => {});
      return done;
    };
    const runner: ShardRunner = {
      size: shardCount,
      run: (shard, message) =>
        inTurn(shard, () => threads[shard]!.run(message)),
      scan: async (thread, message) => threads[thread]!.scan(message),
      look: (shard, message) =>
        inTurn(shard, () => threads[shard]!.look(message)),
    };
    this.dispatcher = new Dispatcher(
      runner,
      {
        inFlightLimitBytes: 1 << 20,
        outputLimitBytes: OUTPUT_LIMIT_BYTES,
        ...{ watermarks, topic: "visits", keepsRecords: false },
        clock: WALL_CLOCK,
      },
      {
        onReport: async (report) => {
          this.reports.push(report);
          await options.onReport?.(report);
        },
        onBarrier: (commit, passed) => this.passed.push({ commit, passed }),
        onFailure: (error) => this.failures.push(error),
      },
    );
    this.dispatcher.setState(0, ACTIVE);
  }

  /** Deals visits of these visitors, all at one time, of partition 0. */
  async deal(ids: readonly string[], atMs: number, page = "home") {
    const event_time = new Date(atMs).toISOString();
    const values = ids.map((visit_id) =>
      JSON.stringify({ visit_id, event_time, page }),
    );
    const place = { partition: 0, baseOffset: this.#offset };
    this.#offset += values.length;
    this.dispatcher.dealer.deal(listChunk(values, place));
    await this.dispatcher.dealer.handedOn();
  }

  /** Lets the fleet work until something is so; false when it never is. */
  async comesTrue(isSo: () => boolean, turns = 2000): Promise<boolean> {
    for (let left = turns; left > 0; left--) {
      if (this.failures.length > 0) throw this.failures[0];
      if (isSo()) return true;
      this.dispatcher.pump();
      await nextTurn();
    }
    return isSo();
  }
}
