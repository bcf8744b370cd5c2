import { hashKey, shardOf } from "../key_hash.ts";
import {
  newCursor,
  newRun,
  type RecordBatch,
  type RecordCursor,
} from "../source/source.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { BATCH_BYTES, batchedByteLength } from "./shard_batch.ts";
import type { ShardLink } from "./shard_link.ts";
import { VisitIdFinder } from "./visit_id_finder.ts";

/** How the shard of a record is chosen. */
export interface RouterOptions {
  /** `key`: trust the record key to be the `visit_id`. */
  readonly routeBy: "visit_id" | "key";
}

/** Copies raw records into the batches of the shards that own them. */
export class Router {
  readonly #dispatcher: Dispatcher;
  readonly #options: RouterOptions;
  readonly #finder = new VisitIdFinder();
  readonly #cursor = newCursor();
  readonly #run = newRun();

  constructor(dispatcher: Dispatcher, options: RouterOptions) {
    this.#dispatcher = dispatcher;
    this.#options = options;
  }

  /** Routes all records of a batch, and releases it; returns their number. */
  route(batch: RecordBatch): number {
    const { links } = this.#dispatcher;
    const only = links.length === 1 ? links[0]! : null;
    let count = 0;
    for (;;) {
      // What is all for one shard need not be taken apart.
      const runCount = only === null ? 0 : this.#routeRun(batch, only);
      if (runCount === 0 && !this.#routeRecord(batch)) break;
      count += Math.max(1, runCount);
    }
    batch.release();
    return count;
  }

  /** Routes many records at once; returns their number, 0 when it cannot. */
  #routeRun(batch: RecordBatch, link: ShardLink): number {
    const run = this.#run;
    if (!batch.nextRun?.(run, BATCH_BYTES)) return 0;
    this.#makeRoom(link, run.end - run.start, run.count);
    link.batch.addRun(run, batch);
    return run.count;
  }

  /** Routes a record; false when there is none. */
  #routeRecord(batch: RecordBatch): boolean {
    const cursor = this.#cursor;
    if (!batch.next(cursor)) return false;
    const link = this.#dispatcher.links[this.#shardOf(cursor)]!;
    this.#makeRoom(link, batchedByteLength(cursor), 1);
    link.batch.add(cursor, batch);
    return true;
  }

  /** Sends the batch of a shard first when records do not fit into it. */
  #makeRoom(link: ShardLink, byteLength: number, count: number): void {
    if (link.batch.fits(byteLength, count)) return;
    if (link.batch.count > 0) this.#dispatcher.sendFull(link);
    link.batch.makeRoom(byteLength);
  }

  /** A record in which no key is found goes to shard 0, which rejects it. */
  #shardOf(record: RecordCursor): number {
    const shardCount = this.#dispatcher.links.length;
    if (shardCount === 1) return 0;
    if (this.#options.routeBy === "key") {
      const { bytes, keyStart, keyLength } = record;
      if (keyLength <= 0) return 0;
      return shardOf(hashKey(bytes, keyStart, keyLength), shardCount);
    }
    const finder = this.#finder;
    if (
      record.valueLength <= 0 ||
      !finder.find(record.bytes, record.valueStart, record.valueLength)
    ) {
      return 0;
    }
    const { keyBytes, keyStart, keyLength } = finder;
    return shardOf(hashKey(keyBytes, keyStart, keyLength), shardCount);
  }
}
