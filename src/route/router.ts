import { hashKey, shardOf } from "../key_hash.ts";
import type { RecordBatch, RecordCursor } from "../source/source.ts";
import type { Dispatcher } from "./dispatcher.ts";
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
  readonly #cursor: RecordCursor = {
    bytes: Buffer.alloc(0),
    keyStart: 0,
    keyLength: -1,
    valueStart: 0,
    valueLength: -1,
    offset: 0,
    timestampMs: -1,
  };

  constructor(dispatcher: Dispatcher, options: RouterOptions) {
    this.#dispatcher = dispatcher;
    this.#options = options;
  }

  /** Routes all records of a batch, and releases it; returns their number. */
  route(batch: RecordBatch): number {
    const cursor = this.#cursor;
    const { partition, fetchedAtMs } = batch;
    const { links } = this.#dispatcher;
    let count = 0;
    while (batch.next(cursor)) {
      const link = links[this.#shardOf(cursor)]!;
      if (!link.batch.fits(cursor)) {
        if (link.batch.count > 0) this.#dispatcher.sendFull(link);
        link.batch.makeRoom(cursor);
      }
      link.batch.add(cursor, partition, fetchedAtMs);
      count++;
    }
    batch.release();
    return count;
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
