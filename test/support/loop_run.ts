import assert from "node:assert/strict";
import {
  setImmediate as nextTurn,
  setTimeout as sleep,
} from "node:timers/promises";
import { FramePool } from "../../src/record/frame_pool.ts";
import { EventQueue } from "../../src/source/kafka/event_queue.ts";
import { FetchLoop } from "../../src/source/kafka/fetch_loop.ts";
import { FrameSockets } from "../../src/source/kafka/frame_sockets.ts";
import { PartitionPosition } from "../../src/source/kafka/partition_position.ts";
import { TopicWatch } from "../../src/source/kafka/topic_watch.ts";
import type { StartOffset } from "../../src/source/source.ts";
import { walkChunk } from "./built_chunk.ts";
import { type FakeBroker, FakeFetchCluster } from "./fake_fetch_cluster.ts";
import { buildBatch } from "./record_batch_builder.ts";

/** Where the log of each partition ends. */
export const LOG_END = 30;

/** Serves ten records an answer, up to offset 30, then waits as brokers do. */
export const serve: FakeBroker = async (asked) => {
  if (asked.every(({ offset }) => offset >= LOG_END)) await sleep(20);
  return asked.map(({ partition, offset }) => {
    const count = Math.min(10, LOG_END - offset);
    const records = Array.from({ length: count }, (_, index) => ({
      key: `${partition}`,
      value: `${offset + index}`,
    }));
    const batch = buildBatch({ baseOffset: offset, records });
    const isEmpty = count === 0;
    return {
      partition,
      lastStableOffset: LOG_END,
      records: isEmpty ? Buffer.alloc(0) : batch,
    };
  });
};

/** A fetch loop over a cluster without a network, and what came of it. */
export class LoopRun {
  readonly cluster = new FakeFetchCluster();
  readonly queue = new EventQueue();
  readonly troubles: unknown[] = [];
  /** Times that all partitions were read. */
  reads = 0;
  readonly failures: unknown[] = [];
  readonly loop: FetchLoop;
  readonly offsets = new Map<number, number[]>();
  /** Where partitions begin. */
  from: StartOffset = "earliest";

  constructor(framesMax = 4) {
    this.loop = new FetchLoop({
      topic: "visits",
      framesMax,
      watch: new TopicWatch(this.cluster, "visits"),
      losses: {
        onNewTopic() {},
        onPartitions() {},
        onGone() {},
        onCut() {},
      },
      cluster: this.cluster,
      sockets: new FrameSockets(new FramePool()),
      queue: this.queue,
      health: {
        fetch: () => () => {},
        cannotRead: (error) => this.troubles.push(error),
        reads: () => this.reads++,
      },
      onFailure: (error) => this.failures.push(error),
    });
  }

  async start(...partitions: number[]): Promise<void> {
    await this.cluster.connect();
    this.assign(...partitions);
    this.loop.run();
  }

  assign(...partitions: number[]): void {
    const { table } = this.loop;
    const begun = (partition: number) => {
      const position = new PartitionPosition(partition);
      position.begin(this.from);
      return position;
    };
    this.loop.assign(partitions.map((each) => table.find(each) ?? begun(each)));
  }

  /** Takes what is queued; true when the partition has been read whole. */
  hasAll(partition: number): boolean {
    for (;;) {
      const entry = this.queue.shift();
      if (entry === undefined) break;
      if (entry.event.kind !== "records") continue;
      const { chunk } = entry.event;
      const seen = this.offsets.get(chunk.partition) ?? [];
      seen.push(...walkChunk(chunk).map(({ offset }) => offset));
      this.offsets.set(chunk.partition, seen);
      chunk.release();
    }
    return this.offsets.get(partition)?.length === LOG_END;
  }

  /** Reads as fast as records come, without a timer, and stops. */
  async readUntil(condition: () => boolean): Promise<void> {
    const endMs = performance.now() + 20_000;
    while (!condition() && performance.now() < endMs) {
      this.hasAll(0);
      await nextTurn();
    }
    this.loop.stop();
  }

  assertWhole(...partitions: number[]): void {
    const whole = Array.from({ length: LOG_END }, (_, offset) => offset);
    for (const each of partitions) {
      assert.deepEqual(this.offsets.get(each), whole);
    }
  }
}
