import assert from "node:assert/strict";
import {
  batchByteLength,
  HEADER_BYTES,
  readCrc,
  readRecordCount,
} from "../../src/record/batch_header_reader.ts";
import { crc32c } from "../../src/record/crc32c.ts";
import type {
  LogBatch,
  LogState,
  ShardPlace,
  WindowChanges,
} from "../../src/window/window_changes.ts";

/** The records of a batch of the log. */
export interface KeptBatch {
  readonly partition: number;
  readonly commit: number;
  readonly count: number;
  readonly records: Buffer;
}

/** A window log in memory: batches of commits, in order. */
export class LogModel {
  readonly batches: KeptBatch[] = [];

  /** Appends what a store has put out for a commit. */
  append(commit: number, taken: readonly LogBatch[]): void {
    for (const { partition, count, bytes: batch } of taken) {
      const bytes = Buffer.from(batch);
      assert.equal(batchByteLength(bytes, 0), bytes.length);
      assert.equal(readRecordCount(bytes, 0), count);
      assert.equal(readCrc(bytes, 0), crc32c(bytes.subarray(21)));
      const records = bytes.subarray(HEADER_BYTES);
      this.batches.push({ partition, commit, count, records });
    }
  }

  /** What is to be read where no commit is needed that is older than said. */
  from(states: readonly LogState[]): KeptBatch[] {
    const needed = new Map(states.map((it) => [it.partition, it.oldestCommit]));
    return this.batches.filter(
      ({ partition, commit }) => commit >= (needed.get(partition) ?? Infinity),
    );
  }
}

/** Exports all changes of a store for a commit, in slices of so many bytes. */
export function exportAll(
  store: WindowChanges,
  log: LogModel,
  commit: number,
  bytesMax = Infinity,
): void {
  for (;;) {
    const isDone = store.exportChanges(commit, Math.min(bytesMax, 2 ** 31));
    log.append(commit, store.takeChanges());
    if (isDone) return;
  }
}

/** Has a store read batches. */
export function restoreFrom(
  store: WindowChanges,
  batches: readonly KeptBatch[],
  place: ShardPlace = { shard: 0, shardCount: 1 },
): void {
  for (const { records, count } of batches) {
    store.restore(records, count, place);
  }
}

/** The states of several shards as one: what the log of each partition needs. */
export function mergeStates(
  stores: readonly Pick<WindowChanges, "logStates">[],
): LogState[] {
  const all = stores.flatMap((store) => store.logStates());
  const byPartition = Map.groupBy(all, (state) => state.partition);
  return [...byPartition]
    .map(([partition, states]) => ({
      partition,
      oldestCommit: Math.min(...states.map((it) => it.oldestCommit)),
      liveBytes: states.reduce((sum, it) => sum + it.liveBytes, 0),
    }))
    .sort((a, b) => a.partition - b.partition);
}
